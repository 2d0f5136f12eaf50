#include "ingest/line_end.hpp"

#include "ingest/limits.hpp"

namespace pomiar::ingest {

const char* LineEnd::find(const char* at, const char* end) {
    for (; at != end; ++at) {
        if (quoted_ && ++text_bytes_ > kLineBytesMax) {
            quoted_ = false;
            lone_quote_ = true;
        }
        const bool escaped = escaped_;
        escaped_ = false;
        if (*at == '\n' && !quoted_) return at;
        if (escaped) continue;
        if (*at == '\\') {
            escaped_ = true;
        } else if (*at == '"' && in_fields_ && (quoted_ || values_ > 0)) {
            quoted_ = !quoted_;
            text_bytes_ = 0;
        } else if (!quoted_) {
            in_fields_ |= *at == ' ';
            if (in_fields_) values_ += *at == '=' ? 1 : (*at == ',' ? -1 : 0);
        }
    }
    return nullptr;
}

}  // namespace pomiar::ingest
