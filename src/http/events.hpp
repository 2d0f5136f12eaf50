// One client's stream of server-sent events (WHATWG HTML, section 9.2).
// A handler makes one, keeps a shared_ptr to send into, and answers Response::stream(it). The connection's headers go
// out at once; a comment each 15 s keeps proxies and phones from hanging up.
// Thread:  the loop's.
// Limits:  a queue of chunks and bytes; a reader too slow for it is cut (it will reconnect with Last-Event-ID).
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pomiar::http {

struct EventStreamLimits {
    std::size_t chunks_max = 64;
    std::size_t bytes_max = 256 * 1024;
};

class EventStream {
  public:
    explicit EventStream(EventStreamLimits limits = {}) : limits_(limits) {}
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    // Queues bytes that are already in the event format; one buffer may go to many streams.
    // False once it is closed; the send that overfills the queue closes it.
    bool send(std::shared_ptr<const std::string> chunk);
    // Ends the stream after what is queued.
    void close();
    bool is_open() const { return state_ == State::open; }
    // Called once, when the client has gone, the queue ran over, or close() was called; at once if that is past.
    // It may drop the last shared_ptr to this stream. Nothing else is called after it.
    void on_close(std::function<void()> callback);

    // For the connection that carries it.
    std::shared_ptr<const std::string> take();  // the next chunk, or nothing
    bool overflowed() const { return overflowed_; }
    bool empty() const { return queue_.empty(); }
    void set_wake(std::function<void()> wake);  // called when there is something to do
    void disconnect();                          // the client is gone

  private:
    enum class State { open, closed };
    void finish();

    EventStreamLimits limits_;
    State state_ = State::open;
    bool overflowed_ = false;
    std::size_t bytes_ = 0;
    std::deque<std::shared_ptr<const std::string>> queue_;
    std::function<void()> wake_;
    std::function<void()> on_close_;
};

struct EventFields {
    std::string_view event = {};  // no newlines
    std::string_view id = {};     // no newlines
    std::string_view data = {};   // may have newlines
    int retry_milliseconds = 0;   // 0: not sent
};
std::string encode_event(const EventFields& fields);

}  // namespace pomiar::http
