// pomiar page: the examples of pages of one's own that come with the program.
#include <fmt/core.h>

#include "cli/commands.hpp"
#include "web/embedded.hpp"

namespace pomiar::cli {

Result<int> page(const CommandLine& line) {
    const auto examples = web::embedded_page_examples();
    if (line.command == Command::page_list) {
        for (const web::Embedded& example : examples) fmt::print("{}\n", example.name);
        return kExitDone;
    }
    const std::string_view* text = web::find(examples, line.page);
    if (text == nullptr) {
        return failure(ErrorKind::not_found,
                       fmt::format("there is no example `{}`; `pomiar page list` prints them", line.page));
    }
    fmt::print("{}", *text);
    return kExitDone;
}

}  // namespace pomiar::cli
