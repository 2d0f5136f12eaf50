// Reads a long input part by part, so that a file of any size takes the memory of one part. One object per input.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "ingest/line_error.hpp"
#include "storage/batch.hpp"

namespace pomiar::ingest {

class ReadingsReader {
  public:
    virtual ~ReadingsReader() = default;
    // Appends the readings of all lines that this part completes. A part may be cut anywhere; 64 KiB is a good size,
    // and with it a batch stays below kBatchPointsMax. Failure: the input is not of this format at all.
    virtual Result<> feed(std::string_view part, storage::Batch& batch) = 0;
    // The last line, which may have no newline.
    virtual Result<> finish(storage::Batch& batch) = 0;

    const LineReport& report() const { return report_; }

  protected:
    LineReport report_;
};

}  // namespace pomiar::ingest
