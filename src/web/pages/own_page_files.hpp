// The templates that the owner has put into a directory, as they are there now.
// Thread:  one that may wait for the card, one at a time; list() from any.
// Limits:  kPagesMax are listed, kBytesMax for each; names are of A-Z a-z 0-9 _ -, at most kNameMax. No links, nothing
//          but regular files.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pomiar::web {

struct OwnPage {
    std::string name;   // "garden", of garden.html
    std::string title;  // what `{# title: … #}` at its beginning says, or the name made readable
};
using OwnPageList = std::shared_ptr<const std::vector<OwnPage>>;  // by title; never null

class OwnPageFiles {
  public:
    static constexpr std::size_t kPagesMax = 64;
    static constexpr std::size_t kBytesMax = std::size_t{256} << 10;
    static constexpr std::size_t kNameMax = 64;

    // Whose name begins with "_" is a part of others: no page, and not listed.
    static bool is_name(std::string_view name);
    static bool is_page(std::string_view name) { return is_name(name) && !name.starts_with('_'); }

    // Looks once. The directory may come and go.
    explicit OwnPageFiles(std::string directory);

    // Renews the list, at most once a second. `now` is of Clock::monotonic().
    void look(Nanoseconds now);
    void look_at_once() { renew(); }
    OwnPageList list() const;

    // The text of a template as it is now. Errors: not_found, denied, too_large, invalid (no UTF-8), io, busy.
    Result<std::string> text(const std::string& name) const;
    // The same, for use until it has changed(): also of an error of what is there.
    Result<std::string> read(const std::string& name);
    // Whether one that was read since the last forget() is another by now, or they are many.
    bool changed() const;
    void forget() { read_.clear(); }

  private:
    struct Version {
        std::uint64_t inode = 0;
        std::int64_t size = -1;  // none
        Nanoseconds written = 0;
        Nanoseconds touched = 0;  // nobody can set it back

        bool operator==(const Version&) const = default;
    };
    struct Listed {
        Version version;
        std::string title;
    };
    Version version_of(const std::string& name) const;
    std::string path_of(std::string_view name) const;
    std::vector<std::string> names() const;
    void renew();

    const std::string directory_;
    Nanoseconds looked_ = 0;
    std::map<std::string, Listed, std::less<>> listed_;
    std::map<std::string, Version, std::less<>> read_;
    mutable std::mutex mutex_;
    OwnPageList list_;  // under the mutex
};

}  // namespace pomiar::web
