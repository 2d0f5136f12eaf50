// A log file that is turned over by size: FILE, FILE.1.gz, FILE.2.gz ... The oldest goes.
// Rotating: FILE is renamed to FILE.1 and compressed beside that; a crash in between leaves FILE.1, which the next
// start compresses. Where that fails (a full disk), FILE.1 stays as it is until the next rotation, and lines go on into
// FILE. Owns:   the open file. Borrows the FileSystem. Thread: one at a time; may block as long as the device does.
// Limits: FILE has at most `bytes_max`, or one line; `keep` old ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.hpp"

namespace pomiar::log {

struct Rotation {
    std::uint64_t bytes_max = 512u << 10;
    std::uint32_t keep = 4;
};

class LogFile {
  public:
    LogFile(FileSystem& files, std::string path, Rotation rotation)
        : files_(files), path_(std::move(path)), rotation_(rotation) {}

    // Opens it where that is not done yet, and adds whole lines to its end; `lines` is then what could not be written.
    // Errors: those of the file; the next call opens it anew.
    Result<> append(std::string_view& lines);
    // The next append() opens the file of that name anew: somebody else may have moved it.
    void close() { file_.reset(); }
    const std::string& path() const { return path_; }

  private:
    Result<> open();
    Result<> write(std::string_view lines);
    Result<> rotate();
    void compress_last();
    Result<> make_way();
    std::string old(std::uint32_t number) const;

    FileSystem& files_;
    std::string path_;
    Rotation rotation_;
    std::unique_ptr<File> file_;
    std::uint64_t size_ = 0;
};

}  // namespace pomiar::log
