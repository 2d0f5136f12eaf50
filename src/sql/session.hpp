// SQL over the table `measurements`: what `pomiar sql` runs. A connection of its own without a file, in which there is
// nothing but that table. Statements read it and delete from it; all others are refused.
// Owns:   the connection. Borrows the Source.
// Thread: one at a time.
// Memory: SQLite takes at most heap_bytes_max, in the whole process, while a session exists; a statement that wants
// more fails. It makes no files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sql/source.hpp"

namespace pomiar::sql {

// One cell of an answer; texts and blobs are borrowed for the call.
struct Cell {
    enum class Kind { null, integer, real, text, blob };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view bytes = {};
};

// Takes the answer of each statement that has one. Errors end the run.
class AnswerVisitor {
  public:
    virtual ~AnswerVisitor() = default;
    virtual Result<> begin(const std::vector<std::string>& columns) = 0;
    virtual Result<> row(std::span<const Cell> cells) = 0;
    virtual Result<> end() = 0;
};

struct SessionOptions {
    std::int64_t heap_bytes_max = 32 << 20;
    // Asked often; true ends the statement.
    std::function<bool()> interrupted = [] { return false; };
};

struct RunOutcome {
    std::vector<std::string> damage = {};  // readings that could not be read are missing; one for each statement
};

class Session {
  public:
    virtual ~Session() = default;
    static Result<std::unique_ptr<Session>> open(Source& source, SessionOptions options);

    // One statement or more, with semicolons between them. Errors: invalid, for wrong SQL; denied, for statements that
    // are not allowed; full, for too much memory; unavailable, when interrupted; those of the source and the visitor.
    virtual Result<RunOutcome> run(std::string_view sql, AnswerVisitor& visitor) = 0;
};

}  // namespace pomiar::sql
