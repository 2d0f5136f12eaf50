// pomiar_subscribers: many live pages at once, each a TLS connection of its own, and one that posts a reading each
// second. The reading is the time of its own sending, in microseconds: so each event tells how long it took. Prints one
// JSON object when all pages have had their first event, and one at the end: ids that came to some pages but not to all
// are lost ones.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "load/connection.hpp"
#include "load/requests.hpp"
#include "subscribers/subscriber.hpp"

namespace pomiar::load {
namespace {

using Clock = std::chrono::system_clock;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr seconds kFirstEventPatience{30};
constexpr seconds kLastEventPatience{3};
constexpr std::string_view kSent = "\"sent\":{\"time\":";  // the field of the reading, as /events tells it
constexpr std::string_view kValue = "\"value\":";

struct Options {
    std::uint16_t port = 0;
    std::size_t http1 = 0;
    std::size_t http2 = 0;
    std::size_t seconds = 10;
    std::string token;
};

Options read_options(int argc, char** argv) {
    Options options;
    CLI::App app{"Follows the events of a Pomiar on 127.0.0.1."};
    app.add_option("--port", options.port)->required();
    app.add_option("--http1", options.http1, "pages over HTTP/1.1");
    app.add_option("--http2", options.http2, "pages over HTTP/2");
    app.add_option("--seconds", options.seconds, "readings to post, one a second");
    app.add_option("--token", options.token, "that may write")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return options;
}

std::int64_t now_us() {
    return std::chrono::duration_cast<microseconds>(Clock::now().time_since_epoch()).count();
}

std::string_view line_after(std::string_view event, std::string_view name) {
    const std::size_t at = event.starts_with(name) ? 0 : event.find(fmt::format("\n{}", name));
    if (at == std::string_view::npos) return {};
    const std::size_t begin = event.find(name, at) + name.size();
    return event.substr(begin, event.find('\n', begin) - begin);
}

// When the reading that an event tells of was sent; 0: it tells of others.
std::int64_t sent_us(std::string_view event) {
    const std::size_t field = event.find(kSent);
    const std::size_t value = field == std::string_view::npos ? field : event.find(kValue, field);
    std::int64_t sent = 0;
    if (value != std::string_view::npos)
        std::from_chars(event.data() + value + kValue.size(), event.data() + event.size(), sent);
    return sent;
}

// One reading a second over a connection of its own.
class Poster {
  public:
    Poster(const Options& options, ssl_ctx_st* tls)
        : connection_({options.port, tls}),
          head_{"POST",
                "/api/v1/measurements",
                {"Content-Type: application/json", "Authorization: Bearer " + options.token}} {}

    bool is_busy() const { return is_busy_; }

    void post() {
        request_ = make_request(head_, fmt::format(R"({{"sensor":"bench","values":{{"sent":{}}}}})", now_us()));
        connection_.start(request_);
        is_busy_ = true;
        advance();
    }

    void advance() {
        if (!is_busy_ || !connection_.advance()) return;
        is_busy_ = false;
        if (connection_.status() != 204) give_up(fmt::format("a reading was refused:\n{}", connection_.answer()));
    }

  private:
    Connection connection_;
    RequestHead head_;
    std::string request_;
    bool is_busy_ = false;
};

class Audience {
  public:
    Audience(const Options& options, ssl_ctx_st* tls) : poll_(::epoll_create1(EPOLL_CLOEXEC)), poster_(options, tls) {
        poster_.post();  // so that there is something to tell
        while (poster_.is_busy()) poster_.advance();
        for (std::size_t i = 0; i < options.http1; ++i) add(options.port, tls, Protocol::http1);
        for (std::size_t i = 0; i < options.http2; ++i) add(options.port, tls, Protocol::http2);
    }
    Audience(const Audience&) = delete;
    Audience& operator=(const Audience&) = delete;
    ~Audience() { ::close(poll_); }

    void wait_for_first_events() {
        const auto end = Clock::now() + kFirstEventPatience;
        while (std::ranges::any_of(pages_, [](const Page& page) { return page.events == 0; })) {
            if (Clock::now() > end) give_up("not every page had its first event");
            turn();
        }
        turn_until(Clock::now() + 2 * seconds{1});  // so that no update is on its way
        for (Page& page : pages_) page.events = 0;
        ids_.clear();
        took_us_.clear();
        repeated_ = 0;
    }

    void post_for(std::size_t count) {
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            turn_until(begin + i * seconds{1});
            poster_.post();
        }
        turn_until(Clock::now() + kLastEventPatience);
        posted_ = count;
    }

    std::size_t size() const { return pages_.size(); }

    void print() {
        std::ranges::sort(took_us_);
        std::size_t lost = 0;
        std::size_t events = 0;
        for (const Page& page : pages_) {
            lost += ids_.size() - page.events;
            events += page.events;
        }
        fmt::print(
            "{{\"pages\":{},\"posted\":{},\"ids\":{},\"events\":{},\"lost\":{},\"repeated\":{},\"p50_ms\":{:.2f},"
            "\"p99_ms\":{:.2f},\"max_ms\":{:.2f}}}\n",
            pages_.size(), posted_, ids_.size(), events, lost, repeated_, quantile_ms(50), quantile_ms(99),
            quantile_ms(100));
    }

  private:
    struct Page {
        std::unique_ptr<Subscriber> subscriber;
        std::string last_id;
        std::size_t events = 0;  // with an id
    };

    void add(std::uint16_t port, ssl_ctx_st* tls, Protocol protocol) {
        Page& page = pages_.emplace_back();
        page.subscriber = std::make_unique<Subscriber>(port, tls, protocol,
                                                       [this, &page](std::string_view event) { note(page, event); });
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = page.subscriber.get();
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, page.subscriber->descriptor(), &wanted);
        turn();
    }

    void note(Page& page, std::string_view event) {
        const std::string_view id = line_after(event, "id: ");
        if (id.empty()) return;
        if (id == page.last_id) repeated_ += 1;
        page.last_id = id;
        page.events += 1;
        ids_.emplace(id);
        if (const std::int64_t sent = sent_us(event); sent > 0) took_us_.push_back(now_us() - sent);
    }

    void turn() {
        std::array<epoll_event, 256> ready;
        const int count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 1);
        for (int i = 0; i < count; ++i)
            static_cast<Subscriber*>(ready[static_cast<std::size_t>(i)].data.ptr)->advance();
        poster_.advance();
    }

    void turn_until(Clock::time_point end) {
        while (Clock::now() < end) turn();
    }

    double quantile_ms(std::size_t percent) const {
        if (took_us_.empty()) return 0;
        const std::size_t at = std::min(took_us_.size() - 1, took_us_.size() * percent / 100);
        return static_cast<double>(took_us_[at]) / 1000;
    }

    int poll_;
    Poster poster_;
    std::deque<Page> pages_;
    std::set<std::string, std::less<>> ids_;
    std::vector<std::int64_t> took_us_;
    std::size_t repeated_ = 0;
    std::size_t posted_ = 0;
};

int subscribers_main(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    ssl_ctx_st* const tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    {
        Audience audience(options, tls);
        audience.wait_for_first_events();
        fmt::print("{{\"ready\":{}}}\n", audience.size());
        std::fflush(stdout);
        audience.post_for(options.seconds);
        audience.print();
    }
    SSL_CTX_free(tls);
    return 0;
}

}  // namespace
}  // namespace pomiar::load

int main(int argc, char** argv) {
    return pomiar::load::subscribers_main(argc, argv);
}
