#include "web/api/picture_cache.hpp"

#include <algorithm>
#include <utility>

namespace pomiar::web {

void PictureCache::forget_others(const Source& source) {
    if (source == source_) return;
    source_ = source;
    kept_.clear();
    bytes_ = 0;
}

std::shared_ptr<const Picture> PictureCache::find(std::string_view key, const Source& source) {
    forget_others(source);
    const auto found = std::ranges::find(kept_, key, &Kept::key);
    return found == kept_.end() ? nullptr : found->picture;
}

void PictureCache::keep(std::string key, const Source& source, std::shared_ptr<const Picture> picture) {
    if (source.version < source_.version) return;  // drawn before what has come since
    forget_others(source);
    Kept fresh{std::move(key), std::move(picture)};
    if (fresh.bytes() > kBytesMax || std::ranges::find(kept_, fresh.key, &Kept::key) != kept_.end()) return;
    bytes_ += fresh.bytes();
    kept_.push_back(std::move(fresh));
    while (kept_.size() > kPicturesMax || bytes_ > kBytesMax) {
        bytes_ -= kept_.front().bytes();
        kept_.pop_front();
    }
}

}  // namespace pomiar::web
