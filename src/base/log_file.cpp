#include "base/log_file.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "base/gzip_file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace pomiar::log {
namespace {

// As many whole lines as fit into `room`.
std::string_view lines_that_fit(std::string_view lines, std::uint64_t room) {
    if (lines.size() <= room) return lines;
    const std::size_t end = lines.substr(0, static_cast<std::size_t>(room)).rfind('\n');
    return end == std::string_view::npos ? std::string_view() : lines.substr(0, end + 1);
}

Result<> unless_missing(Result<> done) {
    if (!done && done.error().kind == ErrorKind::not_found) return {};
    return done;
}

// Of a name such as "pomiar.log.12.gz".
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view of) {
    if (!name.starts_with(of)) return std::nullopt;
    name.remove_prefix(of.size());
    if (!name.starts_with('.') || !name.ends_with(".gz")) return std::nullopt;
    return parse_uint64(name.substr(1, name.size() - 4));
}

}  // namespace

std::string LogFile::old(std::uint32_t number) const {
    return fmt::format("{}.{}.gz", path_, number);
}

Result<> LogFile::append(std::string_view& lines) {
    while (!lines.empty()) {
        if (!file_) {
            if (auto r = open(); !r) return r;
        }
        const std::uint64_t room = rotation_.bytes_max - std::min(rotation_.bytes_max, size_);
        std::string_view part = lines_that_fit(lines, room);
        if (part.empty()) {
            if (size_ != 0) {
                if (auto r = rotate(); !r) return r;
                continue;
            }
            part = lines.substr(0, lines.find('\n') + 1);
        }
        if (auto r = write(part); !r) return r;
        lines.remove_prefix(part.size());
    }
    return {};
}

// What is half written is written over by the next.
Result<> LogFile::write(std::string_view lines) {
    auto written = file_->write_at(size_, lines);
    if (written) size_ += lines.size();
    return written;
}

Result<> LogFile::open() {
    compress_last();  // of a rotation that was cut short
    auto file = files_.open(path_, OpenMode::write);
    if (!file && file.error().kind == ErrorKind::not_found) file = files_.open(path_, OpenMode::create);
    if (!file) return failure(std::move(file));
    const auto size = (*file)->size();
    if (!size) return failure(Result<std::uint64_t>(size));
    file_ = std::move(*file);
    size_ = *size;
    // A power cut may have left half a line.
    char last = '\n';
    if (size_ != 0 && !file_->read_at(size_ - 1, &last, 1)) last = '\0';
    return last == '\n' ? Result<>() : write("\n");
}

Result<> LogFile::rotate() {
    compress_last();
    if (auto r = make_way(); !r) return r;
    if (auto r = unless_missing(files_.rename(path_, path_ + ".1")); !r) return r;
    file_.reset();
    return open();
}

// The old ones become a number older, the oldest goes.
Result<> LogFile::make_way() {
    const std::size_t slash = path_.rfind('/') + 1;
    auto names = files_.list(path_.substr(0, std::max<std::size_t>(slash, 2) - 1));
    if (!names) return failure(std::move(names));
    for (const std::string& name : *names) {
        const auto number = number_of(name, std::string_view(path_).substr(slash));
        if (!number || *number < rotation_.keep) continue;
        if (auto r = unless_missing(files_.remove(path_.substr(0, slash) + name)); !r) return r;
    }
    for (std::uint32_t number = rotation_.keep; number > 1; --number) {
        if (auto r = unless_missing(files_.rename(old(number - 1), old(number))); !r) return r;
    }
    return {};
}

void LogFile::compress_last() {
    const std::string last = path_ + ".1";
    auto done = rotation_.keep == 0 ? Result<>() : gzip_file(files_, last, old(1));
    if (done) done = files_.remove(last);
    if (!done && done.error().kind != ErrorKind::not_found) log::warning("an old log stays: {}", done.error().message);
}

}  // namespace pomiar::log
