// What every handler works with, lent by the program; all of it outlives the web room.
#pragma once

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "storage/store.hpp"

namespace pomiar::web {

struct Context {
    storage::Store& store;
    Executor& loop;
    const Clock& clock;
};

}  // namespace pomiar::web
