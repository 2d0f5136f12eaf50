// pomiar_load: a client that is quicker than the server it measures. Keeps one or more connections busy, one request at
// a time on each, and prints one JSON object with rate and latencies. Either the same request for a time (--seconds),
// or a file of line protocol in batches, each once (--lines).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <openssl/ssl.h>

#include "load/connection.hpp"
#include "load/requests.hpp"

namespace pomiar::load {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::uint16_t port = 0;
    bool tls = false;
    std::size_t connections = 1;
    double seconds = 0;
    double pause_ms = 0;
    RequestHead head;
    std::string body;
    Lines lines;
};

Options read_options(int argc, char** argv) {
    Options options;
    CLI::App app{"Measures an HTTP server on 127.0.0.1."};
    app.add_option("--port", options.port)->required();
    app.add_flag("--tls", options.tls);
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 1000));
    app.add_option("--seconds", options.seconds, "send the same request for so long");
    app.add_option("--pause", options.pause_ms, "milliseconds to sleep after each answer: a light load beside another");
    app.add_option("--method", options.head.method);
    app.add_option("--target", options.head.target);
    app.add_option("--header", options.head.headers, "\"Name: value\", any number of times");
    app.add_option("--body", options.body, "or @FILE");
    app.add_option("--lines", options.lines.path, "send this file of line protocol, each line once");
    app.add_option("--batch", options.lines.batch)->check(CLI::PositiveNumber);
    app.add_option("--skip", options.lines.skip, "lines to leave out at the beginning");
    app.add_option("--count", options.lines.count, "lines to send; 0: all");
    app.add_option("--shift", options.lines.shift_ns, "nanoseconds to add to each time");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return options;
}

struct Slot {
    explicit Slot(const Peer& peer) : connection(peer) {}

    Connection connection;
    Clock::time_point started;
    bool busy = false;
};

// Sends `requests` in turn: each once, or over and over until the deadline.
class Run {
  public:
    Run(const Options& options, std::vector<std::string> requests, ssl_ctx_st* tls)
        : requests_(std::move(requests)),
          seconds_(options.seconds),
          pause_(options.pause_ms),
          once_(!options.lines.path.empty()) {
        const Peer peer{options.port, tls};
        for (std::size_t i = 0; i < options.connections; ++i) slots_.emplace_back(peer);
    }

    // Never sleeps: the time that this machine takes to wake a sleeping program is not the server's.
    void go() {
        begin_ = Clock::now();
        deadline_ = begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
        std::size_t busy = 0;
        for (Slot& slot : slots_) busy += start_next(slot) ? 1 : 0;
        while (busy > 0) {
            for (Slot& slot : slots_)
                if (slot.busy && !advance(slot)) busy -= 1;
        }
        end_ = Clock::now();
    }

    void print(std::size_t lines) {
        std::ranges::sort(took_us_);
        const double seconds = std::chrono::duration<double>(end_ - begin_).count();
        std::uint64_t reconnects = 0;
        for (const Slot& slot : slots_) reconnects += slot.connection.reconnects();
        fmt::print(
            "{{\"requests\":{},\"refused\":{},\"reconnects\":{},\"lines\":{},\"seconds\":{:.6f},\"rate\":{:.2f},"
            "\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f}}}\n",
            took_us_.size(), refused_, reconnects, lines, seconds, static_cast<double>(took_us_.size()) / seconds,
            quantile(0.5), quantile(0.99), quantile(1));
        if (!first_refusal_.empty()) fmt::print(stderr, "load: the first refusal:\n{}\n", first_refusal_);
    }

  private:
    bool start_next(Slot& slot) {
        slot.started = Clock::now();
        slot.busy = once_ ? next_ < requests_.size() : slot.started < deadline_;
        if (slot.busy) slot.connection.start(requests_[next_++ % requests_.size()]);
        return slot.busy;
    }

    void note(const Slot& slot) {
        took_us_.push_back(std::chrono::duration<float, std::micro>(Clock::now() - slot.started).count());
        const int status = slot.connection.status();
        if (status >= 200 && status < 300) return;
        if (refused_++ == 0) first_refusal_ = slot.connection.answer().substr(0, 2000);
    }

    // Goes on as far as it can without waiting; false when the slot has nothing more to do.
    bool advance(Slot& slot) {
        if (!slot.connection.advance()) return true;
        note(slot);
        if (pause_.count() > 0) std::this_thread::sleep_for(pause_);
        return start_next(slot);
    }

    float quantile(double part) const {
        if (took_us_.empty()) return 0;
        return took_us_[std::min(took_us_.size() - 1,
                                 static_cast<std::size_t>(part * static_cast<double>(took_us_.size())))];
    }

    std::vector<std::string> requests_;
    double seconds_;
    std::chrono::duration<double, std::milli> pause_;
    bool once_;
    std::deque<Slot> slots_;
    std::size_t next_ = 0;
    Clock::time_point begin_;
    Clock::time_point deadline_;
    Clock::time_point end_;
    std::vector<float> took_us_;
    std::uint64_t refused_ = 0;
    std::string first_refusal_;
};

int load_main(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    std::vector<std::string> requests;
    std::size_t lines = 0;
    if (options.lines.path.empty()) {
        requests.push_back(make_request(options.head, read_body(options.body)));
    } else {
        LineRequests made = make_line_requests(options.head, options.lines);
        requests = std::move(made.requests);
        lines = made.lines;
    }
    // The peer's certificate is its own, made for this measurement.
    ssl_ctx_st* const tls = options.tls ? SSL_CTX_new(TLS_client_method()) : nullptr;
    Run run(options, std::move(requests), tls);
    run.go();
    run.print(lines);
    SSL_CTX_free(tls);
    return 0;
}

}  // namespace
}  // namespace pomiar::load

int main(int argc, char** argv) {
    return pomiar::load::load_main(argc, argv);
}
