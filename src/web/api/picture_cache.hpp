// The pictures drawn last, for as long as they are what would be drawn again: several viewers ask for the same, and
// each loads it anew. Thread:  the loop's. Memory:  kPicturesMax and kBytesMax for all of them together; the oldest
// make room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "web/words/labels.hpp"

namespace pomiar::web {

struct Picture {
    std::string svg;
    std::string tag;  // ETag
};

class PictureCache {
  public:
    static constexpr std::size_t kPicturesMax = 32;
    static constexpr std::size_t kBytesMax = std::size_t{256} << 10;

    // What pictures are drawn of: another forgets them.
    struct Source {
        std::uint64_t version = 0;  // of the store
        std::shared_ptr<const Labels> labels = {};

        bool operator==(const Source&) const = default;
    };

    // key: all that was asked for. Null: it has none such.
    std::shared_ptr<const Picture> find(std::string_view key, const Source& source);
    // One that is too large is not kept.
    void keep(std::string key, const Source& source, std::shared_ptr<const Picture> picture);

  private:
    struct Kept {
        std::string key;
        std::shared_ptr<const Picture> picture;

        std::size_t bytes() const { return key.size() + picture->svg.size(); }
    };
    void forget_others(const Source& source);

    Source source_;
    std::deque<Kept> kept_;  // the oldest first
    std::size_t bytes_ = 0;
};

}  // namespace pomiar::web
