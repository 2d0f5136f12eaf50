#include "web/pages/own_page_files.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <tuple>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "http/open_beneath.hpp"

namespace pomiar::web {
namespace {

constexpr std::string_view kEnd = ".html";
constexpr Nanoseconds kLookEvery = kSecond;
constexpr std::size_t kEntriesMax = 4'096;   // of the directory that are looked at
constexpr std::size_t kTitleWithin = 1'024;  // bytes of a file
constexpr std::size_t kTitleBytesMax = 80;
constexpr std::size_t kCompiledMax = 2 * OwnPageFiles::kPagesMax;  // pages and parts; past it all are read anew

Nanoseconds of(const timespec& time) {
    return static_cast<Nanoseconds>(time.tv_sec) * kSecond + time.tv_nsec;
}

// At most `bytes_max` of it.
Result<std::string> content(const std::string& directory, const std::string& file, std::size_t bytes_max) {
    auto opened = http::open_beneath(directory, file);
    if (!opened) return failure(std::move(opened));
    std::string text(bytes_max, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(opened->descriptor.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            return failure(ErrorKind::io,
                           fmt::format("cannot read {}: {}", file, std::generic_category().message(errno)));
        }
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

// "my_garden-2" -> "My garden 2"
std::string readable(std::string name) {
    std::ranges::replace_if(name, [](char c) { return c == '_' || c == '-'; }, ' ');
    if (name.front() >= 'a' && name.front() <= 'z') name.front() = static_cast<char>(name.front() - 'a' + 'A');
    return name;
}

// What the first `{# title: … #}` says.
std::string_view told_title(std::string_view text) {
    constexpr std::string_view kWord = "title:";
    for (std::size_t at = text.find("{#"); at != std::string_view::npos; at = text.find("{#", at + 2)) {
        const std::size_t end = text.find("#}", at);
        if (end == std::string_view::npos) break;
        std::string_view comment = text.substr(at + 2, end - at - 2);
        if (comment.starts_with('-')) comment.remove_prefix(1);
        if (comment.ends_with('-')) comment.remove_suffix(1);
        comment = trim(comment);
        if (!comment.starts_with(kWord)) continue;
        const std::string_view title = trim(comment.substr(kWord.size()));
        const bool is_line = title.find('\n') == std::string_view::npos && title.size() <= kTitleBytesMax;
        return is_line && is_utf8(title) ? title : std::string_view();
    }
    return {};
}

}  // namespace

bool OwnPageFiles::is_name(std::string_view name) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return !name.empty() && name.size() <= kNameMax && name.find_first_not_of(kLetters) == std::string_view::npos;
}

OwnPageFiles::OwnPageFiles(std::string directory)
    : directory_(std::move(directory)), list_(std::make_shared<const std::vector<OwnPage>>()) {
    renew();
}

std::string OwnPageFiles::path_of(std::string_view name) const {
    return fmt::format("{}/{}{}", directory_, name, kEnd);
}

OwnPageFiles::Version OwnPageFiles::version_of(const std::string& name) const {
    struct stat status{};
    if (::lstat(path_of(name).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    return {status.st_ino, status.st_size, of(status.st_mtim), of(status.st_ctim)};
}

// Of pages, sorted.
std::vector<std::string> OwnPageFiles::names() const {
    std::vector<std::string> found;
    if (directory_.empty()) return found;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory_, error);
    for (std::size_t seen = 0; !error && entry != std::filesystem::end(entry) && seen < kEntriesMax; ++seen) {
        std::string name = entry->path().filename();
        entry.increment(error);
        if (!name.ends_with(kEnd)) continue;
        name.resize(name.size() - kEnd.size());
        if (is_page(name)) found.push_back(std::move(name));
    }
    std::ranges::sort(found);
    return found;
}

void OwnPageFiles::look(Nanoseconds now) {
    if (now - looked_ < kLookEvery) return;
    looked_ = now;
    renew();
}

void OwnPageFiles::renew() {
    std::map<std::string, Listed, std::less<>> found;
    for (const std::string& name : names()) {
        if (found.size() == kPagesMax) break;
        const Version version = version_of(name);
        if (version.size < 0) continue;
        const auto known = listed_.find(name);
        if (known != listed_.end() && known->second.version == version) {
            found.emplace(name, known->second);
            continue;
        }
        const auto text = content(directory_, name + std::string(kEnd), kTitleWithin);
        const std::string_view told = text ? told_title(*text) : std::string_view();
        found.emplace(name, Listed{version, told.empty() ? readable(name) : std::string(told)});
    }
    const auto same = [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.title == b.second.title;
    };
    const bool unchanged = std::ranges::equal(found, listed_, same);
    listed_ = std::move(found);
    if (unchanged) return;
    std::vector<OwnPage> pages;
    pages.reserve(listed_.size());
    for (const auto& [name, page] : listed_) pages.push_back({name, page.title});
    std::ranges::sort(pages, {}, [](const OwnPage& page) { return std::tie(page.title, page.name); });
    const std::lock_guard lock(mutex_);
    list_ = std::make_shared<const std::vector<OwnPage>>(std::move(pages));
}

OwnPageList OwnPageFiles::list() const {
    const std::lock_guard lock(mutex_);
    return list_;
}

Result<std::string> OwnPageFiles::text(const std::string& name) const {
    if (directory_.empty() || !is_name(name)) {
        return failure(ErrorKind::not_found, fmt::format("there is no template `{}`", name));
    }
    auto text = content(directory_, name + std::string(kEnd), kBytesMax + 1);
    if (!text) {
        return failure(text.error().kind, text.error().kind == ErrorKind::not_found
                                              ? fmt::format("there is no file pages/{}{}", name, kEnd)
                                              : text.error().message);
    }
    if (text->size() > kBytesMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("pages/{}{} has more than {} KiB", name, kEnd, kBytesMax >> 10));
    }
    if (!is_utf8(*text)) {
        return failure(ErrorKind::invalid, fmt::format("pages/{}{} is not text in UTF-8", name, kEnd));
    }
    return text;
}

Result<std::string> OwnPageFiles::read(const std::string& name) {
    const Version version = is_name(name) ? version_of(name) : Version{};  // before the text: a change between is seen
    auto content = text(name);
    if (version.size >= 0) read_[name] = version;  // also of one that cannot be used: it may be mended
    return content;
}

bool OwnPageFiles::changed() const {
    return read_.size() > kCompiledMax ||
           std::ranges::any_of(read_, [this](const auto& one) { return version_of(one.first) != one.second; });
}

}  // namespace pomiar::web
