// Memory for the parts of one compiled template: given out piece by piece, freed all at once, never moved.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pomiar::jinja {

class Arena {
  public:
    template <class T, class... Parts>
    T* make(Parts&&... parts) {
        static_assert(std::is_trivially_destructible_v<T>, "the arena destroys nothing");
        return new (take(sizeof(T), alignof(T))) T{std::forward<Parts>(parts)...};
    }
    template <class T>
    std::span<T> copy(const std::vector<T>& items) {
        static_assert(std::is_trivially_destructible_v<T>, "the arena destroys nothing");
        if (items.empty()) return {};
        auto* place = static_cast<T*>(take(std::span(items).size_bytes(), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), place);
        return {place, items.size()};
    }

  private:
    static constexpr std::size_t kChunkBytes = 4096;

    void* take(std::size_t bytes, std::size_t alignment) {
        std::size_t at = (used_ + alignment - 1) / alignment * alignment;
        if (chunks_.empty() || at + bytes > size_) {
            size_ = bytes > kChunkBytes ? bytes : kChunkBytes;
            chunks_.push_back(std::make_unique<std::byte[]>(size_));
            at = 0;
        }
        used_ = at + bytes;
        return chunks_.back().get() + at;
    }

    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::size_t used_ = 0;
    std::size_t size_ = 0;
};

}  // namespace pomiar::jinja
