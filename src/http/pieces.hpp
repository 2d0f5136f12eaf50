// A body that is made piece by piece while its client takes it: no memory grows with it, and its length is not known
// before its end.
// Thread: the loop's; one next() at a time, and the object stays as long as that takes.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"

namespace pomiar::http {

class Pieces {
  public:
    static constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;  // in memory at a time, mostly less

    Pieces() = default;
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;
    virtual ~Pieces() = default;

    // Asked for when the piece before has gone, and never after the end. "": that was all. Errors: the answer is broken
    // off, and its client sees that.
    virtual Task<Result<std::string>> next() = 0;
};

}  // namespace pomiar::http
