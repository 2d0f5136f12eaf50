#include "base/held_lines.hpp"

#include <utility>

namespace pomiar::log {

void HeldLines::add(std::string_view line, Urgency urgency, Nanoseconds now) {
    if (lines_.size() + line.size() > kBytesMax) {
        ++lost_;
        ++lost_in_all_;
        return;
    }
    lines_ += line;
    ++entries_;
    const bool enough = entries_ >= entries_max_ || lines_.size() >= kBytesDue;
    if (urgency == Urgency::now || enough) {
        due_ = now;
    } else if (!due_) {
        due_ = now + kHeldMax;
    }
}

HeldLines::Taken HeldLines::take() {
    entries_ = 0;
    due_.reset();
    return {std::exchange(lines_, {}), std::exchange(lost_, 0)};
}

}  // namespace pomiar::log
