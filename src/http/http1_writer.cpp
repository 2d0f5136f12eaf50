#include "http/http1_writer.hpp"

#include <charconv>
#include <chrono>

#include <fmt/core.h>

namespace pomiar::http {
namespace {

void append_number(std::string& out, std::size_t number) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    out.append(buffer, end);
}

}  // namespace

std::string http_date(std::int64_t seconds_since_1970) {
    using namespace std::chrono;
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_seconds time{seconds(seconds_since_1970)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

void append_head(std::string& out, const Response& response, const Http1Head& head) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    response.headers.append_to(out);
    out.append("Date: ").append(head.date).append("\r\n");
    if (head.content_length) {
        out.append("Content-Length: ");
        append_number(out, *head.content_length);
        out.append("\r\n");
    }
    if (!head.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (head.http_1_0) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

}  // namespace pomiar::http
