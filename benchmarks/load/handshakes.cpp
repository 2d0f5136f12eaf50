// pomiar_handshakes: one TLS connection after the other, some at a time, each closed as soon as it is made; prints one
// JSON object with their rate and latencies. Full handshakes, or (--resume) such that go on with a session of an
// earlier one.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load/connection.hpp"
#include "load/dial.hpp"

namespace pomiar::load {
namespace {

using Clock = std::chrono::steady_clock;

struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

struct Options {
    std::uint16_t port = 0;
    std::size_t connections = 4;
    double seconds = 1;
    std::string tls = "1.3";
    bool resume = false;
};

Options read_options(int argc, char** argv) {
    Options options;
    CLI::App app{"Makes TLS connections to 127.0.0.1."};
    app.add_option("--port", options.port)->required();
    app.add_option("--connections", options.connections, "at a time")->check(CLI::Range(1, 1000));
    app.add_option("--seconds", options.seconds);
    app.add_option("--tls", options.tls, "the version, no other is spoken")->check(CLI::IsMember({"1.2", "1.3"}));
    app.add_flag("--resume", options.resume);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return options;
}

// What all connections have in common, and the newest session that the server gave.
class Client {
  public:
    explicit Client(const Options& options) : port(options.port), context_(SSL_CTX_new(TLS_client_method())) {
        const int version = options.tls == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
        SSL_CTX_set_min_proto_version(context_.get(), version);
        SSL_CTX_set_max_proto_version(context_.get(), version);
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_set_app_data(context_.get(), this);
        SSL_CTX_sess_set_new_cb(context_.get(), keep);
    }

    SSL* connection() const { return SSL_new(context_.get()); }
    SSL_SESSION* session() const { return session_.get(); }

    const std::uint16_t port;

  private:
    static int keep(SSL* connection, SSL_SESSION* session) {
        auto* self = static_cast<Client*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
        self->session_.reset(session);
        return 1;  // ours now
    }

    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL_SESSION, Free> session_;
};

// One connection from its first packet until the server has closed it, too: then the server is done with all of it.
class Handshake {
  public:
    Handshake(const Client& client, SSL_SESSION* session)
        : started(Clock::now()), descriptor_(dial(client.port)), connection_(client.connection()) {
        never_block(descriptor_);
        SSL_set_fd(connection_, descriptor_);
        if (session != nullptr) SSL_set_session(connection_, session);
    }
    Handshake(const Handshake&) = delete;
    Handshake& operator=(const Handshake&) = delete;
    ~Handshake() {
        SSL_free(connection_);
        ::close(descriptor_);
    }

    // Goes on as far as it can without waiting; true: all is over.
    bool advance() {
        if (!is_made_ && !make()) return false;
        char ignored[256];
        std::size_t got = 0;
        while (SSL_read_ex(connection_, ignored, sizeof ignored, &got) == 1) {
        }
        const bool waits = SSL_get_error(connection_, 0) == SSL_ERROR_WANT_READ;
        ERR_clear_error();
        return !waits;
    }

    bool is_resumed() const { return SSL_session_reused(connection_) == 1; }
    std::string cipher() const {
        return fmt::format("{} {}", SSL_get_version(connection_), SSL_get_cipher_name(connection_));
    }

    const Clock::time_point started;
    Clock::time_point made;

  private:
    bool make() {
        const int result = SSL_connect(connection_);
        if (result != 1) {
            if (SSL_get_error(connection_, result) == SSL_ERROR_WANT_READ) return false;
            give_up(fmt::format("TLS handshake failed: {}", ERR_error_string(ERR_get_error(), nullptr)));
        }
        made = Clock::now();
        is_made_ = true;
        SSL_shutdown(connection_);
        ::shutdown(descriptor_, SHUT_WR);
        return true;
    }

    int descriptor_;
    SSL* connection_;
    bool is_made_ = false;
};

class Run {
  public:
    explicit Run(const Options& options) : options_(options), client_(options) {}

    // Never sleeps: the time that this machine takes to wake a sleeping program is not the server's.
    void go() {
        if (options_.resume) get_session();
        begin_ = Clock::now();
        const auto deadline =
            begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
        std::deque<std::unique_ptr<Handshake>> at_work(options_.connections);
        for (auto& handshake : at_work) handshake = next();
        for (std::size_t busy = at_work.size(); busy > 0;) {
            for (auto& handshake : at_work) {
                if (!handshake || !handshake->advance()) continue;
                note(*handshake);
                handshake.reset();
                if (Clock::now() < deadline)
                    handshake = next();
                else
                    busy -= 1;
            }
        }
        end_ = Clock::now();
    }

    void print() {
        std::ranges::sort(took_us_);
        const double seconds = std::chrono::duration<double>(end_ - begin_).count();
        fmt::print(
            "{{\"requests\":{},\"refused\":{},\"seconds\":{:.6f},\"rate\":{:.2f},\"p50_us\":{:.1f},\"p99_us\":{:.1f},"
            "\"cipher\":\"{}\"}}\n",
            took_us_.size(), not_resumed_, seconds, static_cast<double>(took_us_.size()) / seconds,
            took_us_[took_us_.size() / 2], took_us_[took_us_.size() * 99 / 100], cipher_);
        if (not_resumed_ > 0) fmt::print(stderr, "load: {} sessions were not resumed\n", not_resumed_);
    }

  private:
    std::unique_ptr<Handshake> next() {
        return std::make_unique<Handshake>(client_, options_.resume ? client_.session() : nullptr);
    }

    void get_session() {
        Handshake first(client_, nullptr);
        while (!first.advance()) {
        }
        if (client_.session() == nullptr) give_up("the server gave no session to resume");
    }

    void note(const Handshake& handshake) {
        took_us_.push_back(std::chrono::duration<float, std::micro>(handshake.made - handshake.started).count());
        if (handshake.is_resumed() != options_.resume) not_resumed_ += 1;
        if (cipher_.empty()) cipher_ = handshake.cipher();
    }

    Options options_;
    Client client_;
    Clock::time_point begin_;
    Clock::time_point end_;
    std::vector<float> took_us_;
    std::uint64_t not_resumed_ = 0;
    std::string cipher_;
};

int handshakes_main(int argc, char** argv) {
    Run run(read_options(argc, argv));
    run.go();
    run.print();
    return 0;
}

}  // namespace
}  // namespace pomiar::load

int main(int argc, char** argv) {
    return pomiar::load::handshakes_main(argc, argv);
}
