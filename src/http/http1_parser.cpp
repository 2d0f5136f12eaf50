#include "http/http1_parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <llhttp.h>

#include "base/bug.hpp"
#include "base/text.hpp"
#include "http/host.hpp"
#include "http/kept.hpp"
#include "http/target.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kChunkExtensionBytesMax = 4096;  // in all chunks of one body together
constexpr int kRetryAfterSeconds = 1;
constexpr std::size_t kFieldOverhead = 4;  // ": " and CRLF count too

Method method_of(std::uint8_t method) {
    switch (method) {
        case HTTP_GET:
            return Method::get;
        case HTTP_HEAD:
            return Method::head;
        case HTTP_POST:
            return Method::post;
        case HTTP_PUT:
            return Method::put;
        case HTTP_DELETE:
            return Method::delete_;
        case HTTP_PATCH:
            return Method::patch;
        case HTTP_OPTIONS:
            return Method::options;
        default:
            return Method::other;
    }
}

// RFC 9110 section 5.6.2.
bool is_token_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::size_t count_fields(const Headers& headers, std::string_view name) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < headers.size(); ++i) count += equal_ignoring_case(headers[i].name, name) ? 1 : 0;
    return count;
}

void empty(Request& request) {
    request.method = Method::get;
    empty_for_next(request.target);
    request.path = {};
    request.query_text = {};
    request.parameters.clear();
    request.headers.clear();
    request.body.clear();
    request.route = nullptr;
    request.identity.reset();
}

}  // namespace

struct Http1Parser::Engine {
    llhttp_t machine;

    static Http1Parser& parser(llhttp_t* machine) { return *static_cast<Http1Parser*>(machine->data); }

    static int on_begin(llhttp_t* machine) {
        parser(machine).stage_ = Stage::head;
        return HPE_OK;
    }
    static int on_url(llhttp_t* machine, const char* at, std::size_t size) {
        Http1Parser& self = parser(machine);
        const std::size_t room = self.limits_.target_bytes_max - self.request_->target.size();
        self.request_->target.append(at, std::min(size, room));  // its beginning still tells how errors look there
        if (size <= room) return self.count(size);
        return self.fail(414, fmt::format("the request target is longer than {} bytes", self.limits_.target_bytes_max));
    }
    static int on_name(llhttp_t* machine, const char* at, std::size_t size) {
        parser(machine).name_.append(at, size);
        return parser(machine).count(size);
    }
    static int on_value(llhttp_t* machine, const char* at, std::size_t size) {
        parser(machine).value_.append(at, size);
        return parser(machine).count(size);
    }
    static int on_field_end(llhttp_t* machine) { return parser(machine).end_field(); }
    static int on_extension(llhttp_t* machine, const char*, std::size_t size) {
        Http1Parser& self = parser(machine);
        self.extension_bytes_ += size;
        if (self.extension_bytes_ <= kChunkExtensionBytesMax) return HPE_OK;
        return self.fail(400, fmt::format("chunk extensions take more than {} bytes", kChunkExtensionBytesMax));
    }
    static int on_head_end(llhttp_t* machine) { return parser(machine).end_head(); }
    static int on_chunk(llhttp_t* machine) { return parser(machine).begin_chunk(machine->content_length); }
    static int on_body(llhttp_t* machine, const char* at, std::size_t size) {
        return parser(machine).take_body({at, size});
    }
    static int on_end(llhttp_t* machine) {
        parser(machine).stage_ = Stage::complete;
        return HPE_PAUSED;
    }
    static const llhttp_settings_t& settings();
};

const llhttp_settings_t& Http1Parser::Engine::settings() {
    static const llhttp_settings_t made = [] {
        llhttp_settings_t s;
        llhttp_settings_init(&s);
        s.on_message_begin = on_begin;
        s.on_url = on_url;
        s.on_header_field = on_name;
        s.on_header_value = on_value;
        s.on_header_value_complete = on_field_end;
        s.on_chunk_extension_name = on_extension;
        s.on_chunk_extension_value = on_extension;
        s.on_headers_complete = on_head_end;
        s.on_chunk_header = on_chunk;
        s.on_body = on_body;
        s.on_message_complete = on_end;
        return s;
    }();
    return made;
}

Http1Parser::Http1Parser(const Http1Limits& limits, Http1Listener& listener)
    : limits_(limits), listener_(listener), engine_(std::make_unique<Engine>()) {
    llhttp_init(&engine_->machine, HTTP_REQUEST, &Engine::settings());
    engine_->machine.data = this;
}

Http1Parser::~Http1Parser() = default;

void Http1Parser::start(Request& request) {
    require(stage_ == Stage::idle || stage_ == Stage::complete, "a request is started while one is half read");
    empty(request);
    empty_for_next(name_);
    empty_for_next(value_);
    request_ = &request;
    stage_ = Stage::idle;
    head_bytes_ = 0;
    extension_bytes_ = 0;
    body_bytes_ = 0;
    body_bytes_max_ = 0;
    content_length_.reset();
    keep_alive_ = false;
    http_1_0_ = false;
    discard_ = false;
    in_trailers_ = false;
    lines_.start_head();
    if (llhttp_get_errno(&engine_->machine) == HPE_PAUSED) llhttp_resume(&engine_->machine);
}

std::size_t Http1Parser::feed(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && stage_ != Stage::complete && stage_ != Stage::failed) {
        std::string_view piece = bytes.substr(used);
        if (stage_ != Stage::body || in_trailers_) {
            piece = lines_.take(piece);
            if (!lines_.fault().empty()) fail_as_invalid(lines_.fault());
            if (stage_ == Stage::idle) count_blank_lines(piece);
        }
        if (stage_ != Stage::failed) used += execute(piece);
    }
    return stage_ == Stage::failed ? 0 : used;
}

// Gives how many bytes llhttp has taken: fewer than all at the request's end, and before its trailers.
std::size_t Http1Parser::execute(std::string_view bytes) {
    llhttp_t& machine = engine_->machine;
    const llhttp_errno_t error = llhttp_execute(&machine, bytes.data(), bytes.size());
    if (error == HPE_OK) return bytes.size();
    const auto taken = static_cast<std::size_t>(llhttp_get_error_pos(&machine) - bytes.data());
    if (error == HPE_PAUSED) {
        if (in_trailers_ && stage_ == Stage::body) llhttp_resume(&machine);
        return taken;
    }
    if (stage_ == Stage::failed) return 0;
    if (error == HPE_INVALID_VERSION || error == HPE_PAUSED_H2_UPGRADE) {
        fail(505, "this server speaks HTTP/1.1 here");
    } else if (error == HPE_INVALID_METHOD && taken < bytes.size() && is_token_character(bytes[taken])) {
        fail(501, "this server does not know the method");
    } else {
        fail_as_invalid(llhttp_get_error_reason(&machine));
    }
    return 0;
}

int Http1Parser::fail_as_invalid(std::string_view reason) {
    return fail(400, fmt::format("not a valid HTTP/1.1 request: {}", reason));
}

int Http1Parser::fail(int status, std::string detail) {
    stage_ = Stage::failed;
    failure_ = Problem{};
    failure_.status = status;
    failure_.detail = std::move(detail);
    return HPE_USER;
}

int Http1Parser::count(std::size_t bytes) {
    head_bytes_ += bytes;
    if (head_bytes_ <= limits_.header_bytes_max) return HPE_OK;
    return fail(431, fmt::format("the request's header is larger than {} bytes", limits_.header_bytes_max));
}

// Those before a request are passed over by llhttp without a word, however many.
int Http1Parser::count_blank_lines(std::string_view bytes) {
    return count(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
}

int Http1Parser::end_field() {
    const bool trailer = stage_ == Stage::body;  // counted, and otherwise passed over
    if (const int result = count(kFieldOverhead); result != HPE_OK) return result;
    if (name_.empty()) return fail(400, "a header field without a name");
    if (!is_field_value(value_)) return fail(400, fmt::format("header {} has a control character", name_));
    if (!trailer) {
        if (request_->headers.size() == limits_.header_count_max)
            return fail(431, fmt::format("more than {} header fields", limits_.header_count_max));
        request_->headers.add(name_, trim(value_));
    }
    name_.clear();
    value_.clear();
    return HPE_OK;
}

int Http1Parser::end_head() {
    llhttp_t& machine = engine_->machine;
    machine.upgrade = 0;  // an Upgrade that we do not follow is an ordinary request
    http_1_0_ = machine.http_major == 1 && machine.http_minor == 0;
    keep_alive_ = llhttp_should_keep_alive(&machine) != 0;
    request_->method = method_of(machine.method);
    if (machine.http_major != 1 || machine.http_minor > 1) return fail(505, "this server speaks HTTP/1.1 here");
    if (machine.method == HTTP_CONNECT) return fail(501, "this server is no proxy: no CONNECT");
    if (const int result = check_framing(); result != HPE_OK) return result;
    if (auto split = split_target(*request_); !split) return fail(400, std::move(split.error().message));
    stage_ = Stage::body;
    const std::optional<std::size_t> wanted = listener_.on_head(*request_);
    discard_ = !wanted;
    body_bytes_max_ = wanted.value_or(0);
    if (wanted && content_length_ && *content_length_ > body_bytes_max_) return fail_too_large();
    return HPE_OK;
}

int Http1Parser::check_framing() {
    const llhttp_t& machine = engine_->machine;
    const Headers& headers = request_->headers;
    const std::size_t hosts = count_fields(headers, "Host");
    if (hosts > 1 || (hosts == 0 && !http_1_0_)) return fail(400, "a request has exactly one Host header");
    if (hosts == 1 && !parse_host(headers.get("Host"))) return fail(400, "the Host header names no host");
    if ((machine.flags & F_CONTENT_LENGTH) != 0) content_length_ = machine.content_length;
    const std::size_t encodings = count_fields(headers, "Transfer-Encoding");
    if (encodings == 0) return HPE_OK;
    if (http_1_0_ || content_length_) return fail(400, "Transfer-Encoding with HTTP/1.0 or Content-Length");
    if (encodings > 1) return fail(400, "more than one Transfer-Encoding header");
    if (!equal_ignoring_case(headers.get("Transfer-Encoding"), "chunked"))
        return fail(501, "the only Transfer-Encoding known is chunked");
    return HPE_OK;
}

int Http1Parser::fail_too_large() {
    return fail(413, fmt::format("the body is larger than {} bytes", body_bytes_max_));
}

int Http1Parser::begin_chunk(std::uint64_t bytes) {
    if (bytes > 0) return discard_ || bytes <= body_bytes_max_ - body_bytes_ ? HPE_OK : fail_too_large();
    lines_.start_trailers();  // the last chunk has none of the body
    in_trailers_ = true;
    return HPE_PAUSED;
}

int Http1Parser::take_body(std::string_view bytes) {
    if (discard_) return HPE_OK;
    body_bytes_ += bytes.size();
    if (body_bytes_ > body_bytes_max_) return fail_too_large();
    if (!listener_.on_body(bytes.size())) {
        const int result = fail(503, "too many bodies are being read; try again");
        failure_.retry_after = kRetryAfterSeconds;
        return result;
    }
    if (request_->body.empty() && content_length_) request_->body.reserve(static_cast<std::size_t>(*content_length_));
    request_->body.append(bytes);
    return HPE_OK;
}

}  // namespace pomiar::http
