#include "web/pages/status_model.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"
#include "web/words/quantities.hpp"

namespace pomiar::web {
namespace {

using jinja::Value;

constexpr double kRounds = 500;       // that a cheap card bears
constexpr double kAmplification = 4;  // small writes cost it more than they are long
constexpr Nanoseconds kEnoughSeen = kHour;
constexpr Nanoseconds kSlowSync = 2 * kSecond;

// Rows under a title, as they come.
class Group {
  public:
    explicit Group(std::string_view title) : title_(title) {}
    void add(std::string_view name, std::string value, std::string_view note = "") {
        rows_.append(Value::object({{"name", name}, {"value", std::move(value)}, {"note", note}}));
    }
    Value value() && { return Value::object({{"title", title_}, {"rows", std::move(rows_)}}); }

  private:
    std::string_view title_;
    Value rows_ = Value::list();
};

class Warnings {
  public:
    explicit Warnings(const Language& language) : language_(language) {}
    void add(std::string_view text, std::string_view advice, std::string_view detail = "") {
        list_.append(
            Value::object({{"text", language_.text(text)}, {"advice", language_.text(advice)}, {"detail", detail}}));
    }
    Value value() && { return std::move(list_); }

  private:
    const Language& language_;
    Value list_ = Value::list();
};

std::string rate_text(double each_second, const Language& language) {
    if (each_second >= 100) return count_text(static_cast<std::uint64_t>(each_second));
    return language.number(fmt::format("{:.{}f}", each_second, each_second < 1 ? 2 : 1));
}

std::uint64_t a_day(std::uint64_t bytes, Nanoseconds length) {
    return static_cast<std::uint64_t>(static_cast<double>(bytes) * static_cast<double>(kDay) /
                                      static_cast<double>(length));
}

Value machine(const StatusFigures& figures, const OwnerFacts& facts, const Language& language) {
    Group group(language.text(N_("Machine")));
    if (figures.memory != 0) {
        group.add(language.text(N_("Memory of the server")), bytes_text(figures.memory, language),
                  fmt::format("{} {}", language.text(N_("planned for")), bytes_text(facts.memory_limit, language)));
    }
    group.add(language.text(N_("Running for")), duration_text(figures.running, language));
    group.add(language.text(N_("Clock")),
              std::string(figures.store.time_known ? language.text(N_("right")) : language.text(N_("not known"))));
    return std::move(group).value();
}

Value flash_group(const StatusFigures& figures, const Language& language) {
    const FlashState& flash = *figures.flash;
    Group group(language.text(N_("Flash")));
    const Nanoseconds seen = std::max(figures.now - flash.since, Nanoseconds{1});
    group.add(language.text(N_("Written by the server today")), bytes_text(flash.written, language));
    group.add(language.text(N_("Written to the disk by all programs")), bytes_text(flash.disk_written, language),
              seen < kEnoughSeen ? std::string()
                                 : fmt::format("{} {}", bytes_text(a_day(flash.disk_written, seen), language),
                                               language.text(N_("a day at this rate"))));
    if (const auto years = card_years(flash, figures.now))
        group.add(language.text(N_("At this rate a cheap card lasts")), years_text(*years, language));
    group.add(language.text(N_("Disk")), flash.disk_bytes == 0 ? "?" : bytes_text(flash.disk_bytes, language),
              fmt::format("{} {}", flash.filesystem, flash.mount_point));
    return std::move(group).value();
}

Value database(const StatusFigures& figures, const OwnerFacts& facts, const Language& language) {
    Group group(language.text(N_("Readings")));
    const storage::StoreStatistics& store = figures.store;
    group.add(language.text(N_("Stored since the start")), count_text(store.readings_stored),
              rate_text(figures.readings_each_second, language) + " " + std::string(language.text(N_("a second"))));
    group.add(language.text(N_("Series")), count_text(store.series));
    group.add(language.text(N_("Database")), bytes_text(store.database_bytes, language),
              fmt::format("{} {}", language.text(N_("of at most")), bytes_text(facts.budget, language)));
    constexpr std::array<std::string_view, storage::kLevels.size()> kNames{
        N_("Raw readings"), N_("Roll-ups of 5 minutes"), N_("Roll-ups of an hour"), N_("Roll-ups of a day")};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const storage::LevelStatistics& level = store.levels[i];
        if (level.count == 0) continue;
        group.add(language.text(kNames[i]), bytes_text(level.bytes, language),
                  fmt::format("{} · {} {}", count_text(level.count), language.text(N_("since")),
                              format_time(level.oldest).substr(0, 10)));
    }
    return std::move(group).value();
}

Value journal(const StatusFigures& figures, const Language& language) {
    const storage::StoreStatistics& store = figures.store;
    Group group(language.text(N_("Journal")));
    group.add(language.text(N_("Written since the start")), bytes_text(store.journal_bytes, language));
    group.add(language.text(N_("Waits in memory for its block")), bytes_text(store.head_bytes, language));
    if (store.journal_syncs != 0) {
        group.add(language.text(N_("Syncs")), count_text(store.journal_syncs));
        group.add(language.text(N_("The last sync took")), duration_text(store.last_sync_took, language),
                  fmt::format("{} {}", language.text(N_("at most")), duration_text(store.longest_sync_took, language)));
    }
    return std::move(group).value();
}

Value warnings(const StatusFigures& figures, const OwnerFacts& facts, const Language& language) {
    Warnings warnings(language);
    const storage::StoreStatistics& store = figures.store;
    if (!store.healthy) {
        warnings.add(N_("Readings cannot be stored."),
                     N_("Look after the card: is it full, read-only or failing? The log says more."), store.trouble);
    }
    if (!store.time_known) {
        warnings.add(N_("The time is not known."), N_("Readings wait for it. Connect the machine to the network so "
                                                      "that it can set its clock, or set it by hand."));
    }
    if (store.ahead > 0) {
        warnings.add(N_("Some readings claim a time that has not come yet."),
                     N_("A sensor's clock is ahead. They are shown once their time has come."));
    }
    if (figures.backup && !figures.backup->trouble.empty())
        warnings.add(N_("The daily backup is not there."), N_("It is tried again by itself."), figures.backup->trouble);
    if (!figures.backup) {
        warnings.add(N_("No backups are made."),
                     N_("Put a USB stick in and say its directory as backup.to in the configuration."));
    }
    if (store.longest_sync_took > kSlowSync) {
        warnings.add(N_("The card was slow."),
                     N_("Cards that take seconds to write are often at their end: keep a backup."),
                     duration_text(store.longest_sync_took, language));
    }
    if (figures.flash && !figures.flash->fstab_line.empty()) {
        warnings.add(N_("The card is written more than it needs to be."),
                     N_("This line of /etc/fstab makes it last longer:"), figures.flash->fstab_line);
    }
    if (figures.log_lines_lost > 0)
        warnings.add(N_("Lines of the log were lost."), N_("They came faster than they could be written."));
    if (facts.memory_limit != 0 && figures.memory > facts.memory_limit)
        warnings.add(N_("The server takes more memory than planned."), N_("Restart it, and tell us what you did."));
    return std::move(warnings).value();
}

}  // namespace

std::optional<double> card_years(const FlashState& flash, Nanoseconds now) {
    const Nanoseconds seen = now - flash.since;
    if (flash.disk_bytes == 0 || flash.disk_written == 0 || seen < kEnoughSeen) return std::nullopt;
    const double days = static_cast<double>(seen) / static_cast<double>(kDay);
    const double rounds_a_day = static_cast<double>(flash.disk_written) / static_cast<double>(flash.disk_bytes) / days;
    return kRounds / kAmplification / rounds_a_day / 365;
}

Value status_value(const StatusFigures& figures, const OwnerFacts& facts, const Language& language) {
    Value groups = Value::list();
    groups.append(machine(figures, facts, language));
    if (figures.flash) groups.append(flash_group(figures, language));
    groups.append(database(figures, facts, language));
    groups.append(journal(figures, language));
    return Value::object({{"groups", std::move(groups)}, {"warnings", warnings(figures, facts, language)}});
}

}  // namespace pomiar::web
