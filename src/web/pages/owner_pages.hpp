// The owner's pages: how the server is, what is set, and how devices are connected. What is in them: docs/pages.md.
// Thread:  the loop's. Borrows: the maker, which outlives it.
#pragma once

#include <functional>
#include <memory>

#include "base/task.hpp"
#include "http/file_thread.hpp"
#include "http/loop.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/api/api_status.hpp"
#include "web/context.hpp"
#include "web/pages/owner_facts.hpp"
#include "web/pages/page_maker.hpp"

namespace pomiar::web {

struct OwnerSources {
    std::shared_ptr<const OwnerFacts> facts = std::make_shared<OwnerFacts>();
    TellBackup backup = {};  // may be empty, as those below
    TellFlash flash = {};
    std::function<std::uint64_t()> log_lines_lost = {};
};

class OwnerPages {
  public:
    OwnerPages(const Context& context, http::Loop& loop, PageMaker& maker, OwnerSources sources);
    OwnerPages(const OwnerPages&) = delete;
    OwnerPages& operator=(const OwnerPages&) = delete;
    ~OwnerPages() = default;

    Task<http::Response> status(http::Request& request);
    Task<http::Response> settings(http::Request& request);
    // POST: has a backup made now.
    Task<http::Response> back_up(http::Request& request);
    // The last backup, as a file.
    Task<http::Response> download(http::Request& request);

  private:
    Context context_;
    PageMaker& maker_;
    OwnerSources sources_;
    const Nanoseconds started_;  // monotonic
    std::size_t open_files_ = 0;
    http::FileThread files_;
};

}  // namespace pomiar::web
