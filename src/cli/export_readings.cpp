// pomiar export: readings to standard output.
#include <cstdio>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "cli/readings/gateway.hpp"
#include "storage/sensor.hpp"

namespace pomiar::cli {
namespace {

Result<ExportRequest> request_of(const CommandLine& line) {
    const auto& selection = line.selection;
    ExportRequest request;
    request.field = selection.field;
    request.format = selection.format;
    if (selection.from) request.range.from = *selection.from;
    if (selection.to) request.range.to = *selection.to;
    if (selection.sensor.empty()) return request;
    auto sensor = storage::parse_sensor(selection.sensor);
    if (!sensor) return failure(std::move(sensor));
    auto name = storage::canonical(std::move(*sensor));
    if (!name) return failure(std::move(name));
    request.sensor = std::move(*name);
    return request;
}

Result<> print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        return failure(ErrorKind::io, "cannot write to standard output");
    return {};
}

}  // namespace

Result<int> export_readings(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    auto request = request_of(line);
    if (!request) return failure(std::move(request));
    if (auto r = become_owner_of(loaded->configuration.storage.path); !r) return failure(std::move(r));
    auto gateway = open_gateway(loaded->configuration, IfMissing::fail);
    if (!gateway) return failure(std::move(gateway));

    int status = kExitDone;
    std::uint64_t left_out = 0;
    if (auto r = print(query::reading_header(request->format)); !r) return failure(std::move(r));
    for (bool more = true; more;) {
        auto page = (*gateway)->page(*request);
        if (!page) return failure(std::move(page));
        if (auto r = print(page->text); !r) return failure(std::move(r));
        if (page->damage) {
            fmt::print(stderr, "pomiar: {}\n", page->damage->message);
            status = kExitFailed;
        }
        left_out += page->left_out;
        more = page->more;
        request->series = page->series;
        request->after = page->after;
    }
    if (left_out > 0) fmt::print(stderr, "pomiar: {} readings of NaN or infinity left out; csv has them\n", left_out);
    return status;
}

}  // namespace pomiar::cli
