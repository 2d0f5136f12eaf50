// How a page is seen: in which language, by what names, and when.
// Owns: nothing. Thread: any.
#pragma once

#include "base/clock.hpp"
#include "web/words/labels.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

struct View {
    const Language& language;
    const Labels& labels;
    Nanoseconds now;
};

}  // namespace pomiar::web
