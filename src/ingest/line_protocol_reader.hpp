// A file of line protocol, part by part, also as `influx_inspect export` writes it. Holds at most kLineBytesMax between
// parts.
#pragma once

#include <string>

#include "ingest/line_protocol.hpp"
#include "ingest/readings_reader.hpp"

namespace pomiar::ingest {

class LineProtocolReader final : public ReadingsReader {
  public:
    explicit LineProtocolReader(LineTimes times) : times_(times) {}

    Result<> feed(std::string_view part, storage::Batch& batch) override {
        kept_ += part;
        kept_.erase(0, parser_.parse_part(kept_, times_, batch, report_));
        return {};
    }
    Result<> finish(storage::Batch& batch) override {
        parser_.parse(kept_, times_, batch, report_);
        kept_.clear();
        return {};
    }

  private:
    LineTimes times_;
    LineProtocolParser parser_{LineSource::file};
    std::string kept_;  // the beginning of a line that goes on in the next part
};

}  // namespace pomiar::ingest
