#include "load/requests.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>

#include <fmt/core.h>
#include <fmt/format.h>

#include "load/connection.hpp"

namespace pomiar::load {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

// One line of a file after the other.
class LineFile {
  public:
    explicit LineFile(const std::string& path) : file_(std::fopen(path.c_str(), "re")) {
        if (file_ == nullptr) give_up(fmt::format("cannot read {}", path));
    }
    LineFile(const LineFile&) = delete;
    LineFile& operator=(const LineFile&) = delete;
    ~LineFile() { std::free(line_); }

    // Without its newline, until the next call; false at the end.
    bool next(std::string_view& line) {
        const ssize_t length = ::getline(&line_, &capacity_, file_.get());
        if (length <= 0) return false;
        line = std::string_view(line_, static_cast<std::size_t>(length));
        if (line.ends_with('\n')) line.remove_suffix(1);
        return true;
    }

  private:
    std::unique_ptr<std::FILE, CloseFile> file_;
    char* line_ = nullptr;
    std::size_t capacity_ = 0;
};

void append_shifted(std::string& body, std::string_view line, std::int64_t shift_ns) {
    const std::size_t time_at = line.rfind(' ') + 1;
    std::int64_t time = 0;
    const char* const end = line.data() + line.size();
    const auto [stop, failure] = std::from_chars(line.data() + time_at, end, time);
    if (failure != std::errc{} || stop != end) give_up(fmt::format("no time at the end of: {}", line));
    body.append(line.substr(0, time_at));
    fmt::format_to(std::back_inserter(body), "{}\n", time + shift_ns);
}

}  // namespace

std::string read_body(const std::string& text) {
    if (!text.starts_with('@')) return text;
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(text.c_str() + 1, "re"));
    if (file == nullptr) give_up(fmt::format("cannot read {}", text.substr(1)));
    std::string body;
    std::array<char, 64 * 1024> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get()))
        body.append(buffer.data(), got);
    return body;
}

std::string make_request(const RequestHead& head, std::string_view body) {
    std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", head.method, head.target);
    for (const std::string& line : head.headers) request += line + "\r\n";
    if (head.method != "GET") request += fmt::format("Content-Length: {}\r\n", body.size());
    request += "\r\n";
    request += body;
    return request;
}

LineRequests make_line_requests(const RequestHead& head, const Lines& lines) {
    LineFile file(lines.path);
    LineRequests made;
    std::string body;
    std::string_view line;
    std::size_t in_body = 0;
    for (std::size_t i = 0; i < lines.skip; ++i)
        if (!file.next(line)) give_up("fewer lines than --skip");
    const auto finish = [&] {
        if (in_body == 0) return;
        made.requests.push_back(make_request(head, body));
        made.lines += in_body;
        body.clear();
        in_body = 0;
    };
    while ((lines.count == 0 || made.lines + in_body < lines.count) && file.next(line)) {
        append_shifted(body, line, lines.shift_ns);
        if (++in_body == lines.batch) finish();
    }
    finish();
    return made;
}

}  // namespace pomiar::load
