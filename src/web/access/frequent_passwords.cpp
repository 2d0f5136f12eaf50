#include "web/access/frequent_passwords.hpp"

#include <string>

#include "base/text.hpp"

namespace pomiar::access {
namespace {

bool is_blank(char c) {
    return c == ' ';
}

}  // namespace

bool is_frequent(std::string_view password) {
    const std::string_view all = frequent_passwords();
    const std::string wanted = lower(password);
    if (wanted.empty() || wanted.find_first_of(" \n") != std::string::npos) return false;
    for (std::size_t at = 0; (at = all.find(wanted, at)) != std::string_view::npos; ++at) {
        const std::size_t end = at + wanted.size();
        if ((at == 0 || is_blank(all[at - 1])) && (end == all.size() || is_blank(all[end]))) return true;
    }
    return false;
}

}  // namespace pomiar::access
