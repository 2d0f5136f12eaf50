#include "web/own_pages/own_pages.hpp"

#include <string>
#include <utility>

#include "base/counted.hpp"
#include "web/access/guard.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

using access::Principal;
using http::Problem;

constexpr int kRetrySeconds = 1;

Problem problem(int status, std::string detail, int retry_after = 0) {
    Problem made;
    made.status = status;
    made.detail = std::move(detail);
    made.retry_after = retry_after;
    return made;
}

// What is wrong with a page is its owner's business, not that of who asked for it.
Problem problem_of_page(const Error& error) {
    if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied) {
        return problem(404, "there is no such page");
    }
    if (error.kind == ErrorKind::busy) return http::problem_of(error);
    return problem(500, "this page cannot be made");
}

bool is_owner(const Principal& reader) {
    return reader.via == Principal::Via::session || reader.via == Principal::Via::owner;
}

}  // namespace

Task<http::Response> OwnPages::get(http::Request& request) {
    const Principal& reader = access::principal_of(request);
    OwnPageRenderer::Wish wish{.name = std::string(request.parameter("page")),
                               .frame = maker_.frame(request, ""),
                               .only = reader.only,
                               .shows_fault = is_owner(reader)};
    if (!OwnPageFiles::is_page(wish.name)) co_return maker_.problem(request, problem(404, "there is no such page"));
    if (making_ == kMakingMax) {
        co_return maker_.problem(request, problem(503, "too many pages are being made; try again", kRetrySeconds));
    }
    wish.frame.live = "/events";
    wish.frame.own = true;
    const Counted counted(making_);
    auto job = [this, wish = std::move(wish)](storage::Snapshot& snapshot) { return renderer_.make(snapshot, wish); };
    auto reading = read(context_.store, context_.loop, std::move(job));
    auto made = co_await reading;
    if (!made) co_return maker_.problem(request, problem_of_page(made.error()));
    http::Response response;
    response.status = made->failed ? 500 : 200;
    response.body = std::move(made->html);
    response.compress = reader.csrf.empty();  // else its length would tell of the proof, as in Pages
    co_return as_page(std::move(response));
}

}  // namespace pomiar::web
