#include "http/client.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bug.hpp"
#include "base/text.hpp"
#include "http/address.hpp"
#include "http/http1_response.hpp"
#include "http/socket.hpp"

namespace pomiar::http {
namespace {

struct FreeTls {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* tls) const { SSL_free(tls); }
};

struct Base {
    Address address;
    bool tls = false;
    std::string host_header;
};

Result<Base> parse_base(std::string_view url) {
    Base base;
    if (url.starts_with("unix:")) {
        base.host_header = "localhost";
    } else if (url.starts_with("https://")) {
        base.tls = true;
        url.remove_prefix(8);
    } else if (url.starts_with("http://")) {
        url.remove_prefix(7);
    } else {
        return failure(ErrorKind::invalid, fmt::format("\"{}\" is not http://…, https://… or unix:/path", url));
    }
    if (base.host_header.empty()) {
        if (url.ends_with('/')) url.remove_suffix(1);
        base.host_header = url;
    }
    const bool has_port =
        url.starts_with('[') ? url.find("]:") != std::string_view::npos : url.find(':') != std::string_view::npos;
    auto address = parse_address(has_port ? std::string(url) : fmt::format("{}:{}", url, base.tls ? 443 : 80));
    if (!address) return failure(std::move(address));
    base.address = std::move(*address);
    return base;
}

}  // namespace

struct Client::State {
    std::string url;
    ClientOptions options;
    Base base;
    bool parsed = false;

    int descriptor = -1;
    std::unique_ptr<SSL_CTX, FreeTls> context;
    std::unique_ptr<SSL, FreeTls> tls;
    SystemClock clock;

    Result<> connect();
    Result<> connect_tls();
    void disconnect();
    bool send(std::string_view bytes);
    long receive(char* into, std::size_t size);
    Result<ClientResponse> exchange(std::string_view message, bool is_head, bool& untouched);
};

void Client::State::disconnect() {
    tls.reset();
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

Result<> Client::State::connect() {
    if (descriptor >= 0) return {};
    if (!parsed) {
        auto found = parse_base(url);
        if (!found) return failure(std::move(found));
        base = std::move(*found);
        parsed = true;
    }
    auto connected = connect_to(base.address, options.timeout);
    if (!connected) return failure(std::move(connected));
    descriptor = *connected;
    if (!base.tls) return {};
    auto secured = connect_tls();
    if (!secured) disconnect();
    return secured;
}

Result<> Client::State::connect_tls() {
    const bool verify = options.verify && (!options.ca_file.empty() || !is_loopback(descriptor));
    if (!context) {
        context.reset(SSL_CTX_new(TLS_client_method()));
        require(context != nullptr, "no memory for a TLS client");
        SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
        SSL_CTX_set_read_ahead(context.get(), 1);
        const int loaded = options.ca_file.empty()
                               ? SSL_CTX_set_default_verify_paths(context.get())
                               : SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr);
        if (loaded != 1 && verify)
            return failure(ErrorKind::invalid, fmt::format("no CA certificates in {}", options.ca_file));
    }
    tls.reset(SSL_new(context.get()));
    require(tls != nullptr && SSL_set_fd(tls.get(), descriptor) == 1, "no memory for a TLS connection");
    SSL_set_verify(tls.get(), verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(tls.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, base.address.host.c_str()) != 1) {
        SSL_set1_host(tls.get(), base.address.host.c_str());
        SSL_set_tlsext_host_name(tls.get(), base.address.host.c_str());
    }
    ERR_clear_error();
    if (SSL_connect(tls.get()) == 1) return {};
    const long verdict = SSL_get_verify_result(tls.get());
    const std::string why = verify && verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : take_tls_error();
    return failure(ErrorKind::io, fmt::format("TLS with {} failed: {}", base.host_header, why));
}

bool Client::State::send(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t sent = 0;
        if (tls) {
            ERR_clear_error();
            if (SSL_write_ex(tls.get(), bytes.data(), bytes.size(), &sent) != 1) return false;
        } else {
            const ssize_t result = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (result <= 0) return false;
            sent = static_cast<std::size_t>(result);
        }
        bytes.remove_prefix(sent);
    }
    return true;
}

// 0: the end; negative: failed or timed out.
long Client::State::receive(char* into, std::size_t size) {
    if (!tls) return ::recv(descriptor, into, size, 0);
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(tls.get(), into, size, &got);
    if (result == 1) return static_cast<long>(got);
    return SSL_get_error(tls.get(), result) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

// untouched: the connection broke before a single byte came back.
Result<ClientResponse> Client::State::exchange(std::string_view message, bool is_head, bool& untouched) {
    const Nanoseconds deadline = clock.monotonic() + options.timeout;
    ClientResponse response;
    ResponseParser parser(response, options.response_bytes_max, is_head);
    untouched = true;
    send(message);  // a server that answered early and closed may still be heard
    std::array<char, 16 * 1024> buffer;
    while (!parser.complete()) {
        const long got = receive(buffer.data(), buffer.size());
        const bool silent = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (silent || clock.monotonic() > deadline) {
            untouched = false;
            return failure(ErrorKind::io, fmt::format("no whole answer from {} within {}", base.host_header,
                                                      format_duration(options.timeout)));
        }
        if (got < 0) return failure(ErrorKind::io, fmt::format("the connection to {} was cut off", base.host_header));
        untouched = untouched && got == 0;
        const auto fed = got == 0 ? parser.end_of_input() : parser.feed({buffer.data(), static_cast<std::size_t>(got)});
        if (!fed) return failure(Result<>(fed));
    }
    if (!parser.keep_alive()) disconnect();
    return response;
}

Client::Client(std::string base_url, ClientOptions options) : state_(std::make_unique<State>()) {
    ignore_broken_pipes();
    state_->url = std::move(base_url);
    state_->options = std::move(options);
}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&& other) noexcept {
    if (this != &other) {
        if (state_) state_->disconnect();
        state_ = std::move(other.state_);
    }
    return *this;
}
Client::~Client() {
    if (state_) state_->disconnect();
}

Result<ClientResponse> Client::request(std::string_view method, std::string_view target, const Headers& headers,
                                       std::string_view body) {
    State& state = *state_;
    for (int attempt = 0;; ++attempt) {
        const bool kept = state.descriptor >= 0;
        if (auto connected = state.connect(); !connected) return failure(std::move(connected));
        std::string message = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, state.base.host_header);
        headers.append_to(message);
        if (!body.empty() || method == "POST" || method == "PUT")
            message += fmt::format("Content-Length: {}\r\n", body.size());
        message.append("\r\n").append(body);
        bool untouched = false;
        auto response = state.exchange(message, method == "HEAD", untouched);
        if (response) return response;
        state.disconnect();
        if (!kept || !untouched || attempt > 0) return response;
    }
}

Result<ClientResponse> Client::get(std::string_view target) {
    return request("GET", target);
}

Result<ClientResponse> Client::post(std::string_view target, std::string_view content_type, std::string_view body,
                                    const Headers& headers) {
    Headers all = headers;
    all.set("Content-Type", content_type);
    return request("POST", target, all, body);
}

}  // namespace pomiar::http
