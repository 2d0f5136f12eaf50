#include "jinja/placeholder_text.hpp"

#include <array>
#include <string_view>

#include "jinja/budget.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

constexpr auto kWords = std::to_array<std::string_view>(
    {"a",          "ac",          "accumsan",     "ad",           "adipiscing",  "aenean",
     "aliquam",    "aliquet",     "amet",         "ante",         "aptent",      "arcu",
     "at",         "auctor",      "augue",        "bibendum",     "blandit",     "class",
     "commodo",    "condimentum", "congue",       "consectetuer", "consequat",   "conubia",
     "convallis",  "cras",        "cubilia",      "cum",          "curabitur",   "curae",
     "cursus",     "dapibus",     "diam",         "dictum",       "dictumst",    "dignissim",
     "dis",        "dolor",       "donec",        "dui",          "duis",        "egestas",
     "eget",       "eleifend",    "elementum",    "elit",         "enim",        "erat",
     "eros",       "est",         "et",           "etiam",        "eu",          "euismod",
     "facilisi",   "facilisis",   "fames",        "faucibus",     "felis",       "fermentum",
     "feugiat",    "fringilla",   "fusce",        "gravida",      "habitant",    "habitasse",
     "hac",        "hendrerit",   "hymenaeos",    "iaculis",      "id",          "imperdiet",
     "in",         "inceptos",    "integer",      "interdum",     "ipsum",       "justo",
     "lacinia",    "lacus",       "laoreet",      "lectus",       "leo",         "libero",
     "ligula",     "litora",      "lobortis",     "lorem",        "luctus",      "maecenas",
     "magna",      "magnis",      "malesuada",    "massa",        "mattis",      "mauris",
     "metus",      "mi",          "molestie",     "mollis",       "montes",      "morbi",
     "mus",        "nam",         "nascetur",     "natoque",      "nec",         "neque",
     "netus",      "nibh",        "nisi",         "nisl",         "non",         "nonummy",
     "nostra",     "nulla",       "nullam",       "nunc",         "odio",        "orci",
     "ornare",     "parturient",  "pede",         "pellentesque", "penatibus",   "per",
     "pharetra",   "phasellus",   "placerat",     "platea",       "porta",       "porttitor",
     "posuere",    "potenti",     "praesent",     "pretium",      "primis",      "proin",
     "pulvinar",   "purus",       "quam",         "quis",         "quisque",     "rhoncus",
     "ridiculus",  "risus",       "rutrum",       "sagittis",     "sapien",      "scelerisque",
     "sed",        "sem",         "semper",       "senectus",     "sit",         "sociis",
     "sociosqu",   "sodales",     "sollicitudin", "suscipit",     "suspendisse", "taciti",
     "tellus",     "tempor",      "tempus",       "tincidunt",    "torquent",    "tortor",
     "tristique",  "turpis",      "ullamcorper",  "ultrices",     "ultricies",   "urna",
     "ut",         "varius",      "vehicula",     "vel",          "velit",       "venenatis",
     "vestibulum", "vitae",       "vivamus",      "viverra",      "volutpat",    "vulputate"});

}  // namespace

std::string placeholder_paragraph(Chance& chance, std::int64_t fewest, std::int64_t end) {
    const auto between = [&](std::int64_t from, std::int64_t to) {
        const std::uint64_t width = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + chance.below(width));
    };
    std::string text;
    std::string_view last;
    bool begins_sentence = true;
    std::int64_t comma = 0;
    std::int64_t stop = 0;
    const std::int64_t count = between(fewest, end);
    for (std::int64_t at = 0; at < count; ++at) {
        std::string_view word = last;
        while (word == last) word = kWords[static_cast<std::size_t>(chance.below(kWords.size()))];
        last = word;
        if (at > 0) text += ' ';
        text += begins_sentence ? capitalize(word) : std::string(word);
        begins_sentence = false;
        if (at - between(3, 8) > comma) {
            comma = at;
            stop += 2;
            text += ',';
        }
        if (at - between(10, 20) > stop) {
            comma = stop = at;
            text += '.';
            begins_sentence = true;
        }
        charge_steps(1);
        if (Budget* budget = Budget::current()) budget->output(text.size());
    }
    if (text.ends_with(',')) text.pop_back();
    if (!text.ends_with('.')) text += '.';
    charge_text(text.size());
    return text;
}

}  // namespace pomiar::jinja
