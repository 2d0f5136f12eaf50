// Where work may be handed to from another thread.
#pragma once

#include <functional>

namespace pomiar {

class Executor {
  public:
    virtual ~Executor() = default;
    // Thread: any. Runs `work` later on the executor's own thread, in the order of posting; drops it once stopped.
    virtual void post(std::move_only_function<void()> work) = 0;
};

}  // namespace pomiar
