// Lines per second of the line protocol parser, one core: bodies of 5,000 lines, and one line a body.
#include "ingest/line_protocol.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace {

using namespace pomiar;

constexpr int kSensors = 50;
constexpr int kLinesPerBody = 5'000;
constexpr int kBodies = 80;

std::string make_body(int number) {
    std::string body;
    for (int i = 0; i < kLinesPerBody; ++i) {
        body += fmt::format("temperature,device=room{},sensor=air value={}.{} {}\n", i % kSensors, 15 + i % 10, i % 10,
                            1'704'067'200'000'000'000 + (number * kLinesPerBody + i) * 200'000'000LL);
    }
    return body;
}

template <class Work>
void measure(std::string_view name, Work work) {
    double best = 0;
    for (int round = 0; round < 5; ++round) {
        const auto start = std::chrono::steady_clock::now();
        const std::size_t lines = work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        best = std::max(best, static_cast<double>(lines) / took.count());
    }
    fmt::print("{:<24} {:6.2f} million lines a second\n", name, best / 1e6);
}

std::size_t parse(ingest::LineProtocolParser& parser, std::string_view body) {
    storage::Batch batch;
    ingest::LineReport report;
    parser.parse(body, {}, batch, report);
    return batch.size();
}

}  // namespace

int main() {
    std::vector<std::string> bodies;
    for (int i = 0; i < kBodies; ++i) bodies.push_back(make_body(i));
    ingest::LineProtocolParser parser;
    measure("bodies of 5,000 lines", [&] {
        std::size_t lines = 0;
        for (const std::string& body : bodies) lines += parse(parser, body);
        return lines;
    });
    measure("one line a body", [&] {
        std::size_t lines = 0;
        for (std::string_view rest = bodies.front(); !rest.empty();) {
            const std::size_t end = rest.find('\n') + 1;
            lines += parse(parser, rest.substr(0, end));
            rest.remove_prefix(end);
        }
        return lines;
    });
    return 0;
}
