// Keeps two programs from writing the same data directory.
#pragma once

#include <string>

#include "base/result.hpp"

namespace pomiar::storage {

// Owns: the lock, which ends with the object or the process. Errors: conflict, when another process holds it; io.
class DirectoryLock {
  public:
    static Result<DirectoryLock> take(const std::string& directory);
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) = delete;
    ~DirectoryLock();

  private:
    explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace pomiar::storage
