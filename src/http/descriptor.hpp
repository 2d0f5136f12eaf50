// Owns one file descriptor, and closes it. -1: none.
#pragma once

#include <utility>

#include <unistd.h>

namespace pomiar::http {

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }

    int get() const { return value_; }
    int release() { return std::exchange(value_, -1); }

  private:
    int value_;
};

}  // namespace pomiar::http
