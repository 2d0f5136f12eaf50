// Makes pages of one's own: from the owner's templates, the product's frame and what the store holds.
// Thread:  the store's reader thread, inside a job. One for each loop.
// Limits:  those of PageSource, of OwnPageFiles, and kLimits of the template engine. A page that came up against one of
//          them is not made again for kRest, unless it changes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jinja/environment.hpp"
#include "storage/snapshot.hpp"
#include "web/embedded.hpp"
#include "web/own_pages/page_functions.hpp"
#include "web/pages/own_page_files.hpp"
#include "web/pages/page_maker.hpp"
#include "web/pages/page_renderer.hpp"
#include "web/words/labels.hpp"

namespace pomiar::web {

class OwnPageRenderer {
  public:
    static constexpr Nanoseconds kRest = 10 * kSecond;

    OwnPageRenderer(const PagesOptions& options, const Clock& clock);
    OwnPageRenderer(const OwnPageRenderer&) = delete;
    OwnPageRenderer& operator=(const OwnPageRenderer&) = delete;
    ~OwnPageRenderer() = default;

    struct Made {
        std::string html;
        bool failed = false;  // it tells of the fault, for the owner
    };
    struct Wish {
        std::string name;
        PageFrame frame;           // but for its title and list
        std::string only;          // what the reader may see begins so
        bool shows_fault = false;  // the reader is the owner
    };
    // Errors: not_found; denied, when the file may not be read; invalid, for a page that is at fault, where its reader
    // is not to know more.
    Result<Made> make(storage::Snapshot& snapshot, const Wish& wish);

  private:
    struct Fault {
        jinja::TemplateError error;
        Nanoseconds until;  // monotonic
    };
    PageFrame frame_of(const Wish& wish);
    Result<std::string> source(std::string_view name);
    void remember(const std::string& name, const jinja::TemplateError& error);
    std::optional<jinja::TemplateError> render(storage::Snapshot& snapshot, const Wish& wish, std::string& html);
    Result<Made> fault(const Wish& wish, const jinja::TemplateError& error);
    jinja::Value excerpt(const jinja::TemplateError& error);

    std::span<const Embedded> templates_;
    const Clock& clock_;
    std::shared_ptr<LabelBook> labels_;
    std::shared_ptr<OwnPageFiles> files_;
    PageRenderer frames_;
    const Language* language_ = &english();  // of the page that is being made
    jinja::Environment environment_;
    PageFunctions functions_;
    std::map<std::string, Fault> faults_;  // the latest of each page
};

}  // namespace pomiar::web
