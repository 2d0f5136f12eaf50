// What pages of one's own can ask the house: sensors(), latest(), query(), chart(), gauge(), value(), now(),
// format_time(). For people: docs/own-pages.md.
// Thread:  the store's reader thread, inside a job.
// Errors:  those of a template: they name the function, and get the place where it was called.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "jinja/environment.hpp"
#include "storage/snapshot.hpp"
#include "web/words/naming.hpp"
#include "web/words/view.hpp"

namespace pomiar::web {

// What one page is made from, and what it may still use.
struct PageSource {
    // Of one page. Past the time nothing more is asked of the store.
    static constexpr int kQueriesMax = 64;             // query(), chart()
    static constexpr int kLooksMax = 10'000;           // latest(), value(), gauge()
    static constexpr std::int64_t kPointsMax = 2'000;  // of one query()
    static constexpr Nanoseconds kTimeMax = 2 * kSecond;

    PageSource(storage::Snapshot& from, const Clock& with, std::string_view only_these, const View& how)
        : snapshot(from), clock(with), only(only_these), view(how), end(with.monotonic() + kTimeMax) {}

    storage::Snapshot& snapshot;
    const Clock& clock;
    std::string_view only;  // sensors begin so; there are no others
    View view;
    Nanoseconds end;  // monotonic
    int queries = 0;
    int looks = 0;
    jinja::Value sensors = {};  // once asked for
};

class PageFunctions {
  public:
    // Adds them to `environment`, which has the templates own_chart.html, own_gauge.html and own_value.html, and
    // outlives this.
    explicit PageFunctions(jinja::Environment& environment);
    PageFunctions(const PageFunctions&) = delete;
    PageFunctions& operator=(const PageFunctions&) = delete;
    ~PageFunctions() = default;

    // What they work with from now on; null: nothing.
    void work_with(PageSource* source) { source_ = source; }

  private:
    using Made = Result<jinja::Value>;
    void add(std::string_view name, Made (PageFunctions::*function)(const jinja::Arguments&));

    Made sensors(const jinja::Arguments& given);
    Made latest(const jinja::Arguments& given);
    Made query(const jinja::Arguments& given);
    Made chart(const jinja::Arguments& given);
    Made gauge(const jinja::Arguments& given);
    Made value(const jinja::Arguments& given);
    Made now(const jinja::Arguments& given);
    Made format_time(const jinja::Arguments& given);

    Result<> may_look();
    Result<> may_query();
    std::optional<storage::SeriesInfo> find(const std::string& sensor, const std::string& field);
    FieldNaming naming_of(std::string_view sensor, std::string_view field) const;
    Result<jinja::Value> reading(const storage::SeriesInfo& series);
    Made markup(std::string_view name, const jinja::Value& values);

    jinja::Environment& environment_;
    PageSource* source_ = nullptr;
};

}  // namespace pomiar::web
