// How one reader sees pages: who they are to the server, their language and their colours. Kept by two cookies.
// Thread: any.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>

#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/access.hpp"
#include "web/pages/page_model.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

enum class Viewer : std::uint8_t { signed_in, may_sign_in, stranger };

// What makes one shared page differ from another.
struct Look {
    Viewer viewer = Viewer::stranger;
    const Language* language = &english();
    std::string_view theme = "";  // "light", "dark"; "": the system's
    Order order = Order::group;

    auto key() const { return std::tuple(viewer, language->code(), theme, order); }
    bool operator<(const Look& other) const { return key() < other.key(); }
};

Look look_of(const http::Request& request, access::Access& access, std::span<const Language> languages);

// Adds the cookies for what a form says: `language`, `theme`; of what is not known the defaults.
void keep_look(http::Response& response, std::string_view language, std::string_view theme,
               std::span<const Language> languages);

}  // namespace pomiar::web
