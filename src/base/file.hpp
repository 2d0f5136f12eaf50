// The file seam: everything Pomiar keeps goes to the device through these two classes, so that tests can lie to us.
// Thread: a File belongs to one thread at a time, except that sync() may be called beside its writes; a FileSystem may
//         be used from any.
// Errors: `full` when the device has no room, `not_found`, else `io`; the message names the operation and the path.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pomiar {

// The least that a device writes.
inline constexpr std::size_t kSectorBytes = 512;

class File {
  public:
    virtual ~File() = default;
    // Reads up to `size` bytes; fewer only at the end of the file. Gives the count read. A pipe has no offsets: it
    // gives what comes next.
    virtual Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) = 0;
    // Writes all bytes or fails.
    virtual Result<> write_at(std::uint64_t offset, std::string_view bytes) = 0;
    // The same for whole sectors, `offset` and size being multiples of kSectorBytes: where the file system can, the
    // device gets these sectors and not the pages around them. Durable after the next sync(), as with write_at().
    virtual Result<> write_sectors(std::uint64_t offset, std::string_view bytes) { return write_at(offset, bytes); }
    // Data on the device (fdatasync). A failure is final: the file must not be trusted again.
    virtual Result<> sync() = 0;
    virtual Result<std::uint64_t> size() = 0;
};

enum class OpenMode { read, write, create };  // create: read and write, must not exist yet

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    virtual Result<> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<> remove(const std::string& path) = 0;
    virtual Result<> sync_directory(const std::string& path) = 0;
    virtual Result<> make_directories(const std::string& path) = 0;              // mode 0700
    virtual Result<std::vector<std::string>> list(const std::string& path) = 0;  // names, sorted
};

// The real one; has no state.
FileSystem& real_file_system();

// Pipes too, up to their end. Errors: those of reading; too_large past `bytes_max`.
Result<std::string> read_whole(FileSystem& files, const std::string& path, std::size_t bytes_max);

// All or nothing, and durable: written aside as PATH.new, synced, renamed, the directory synced.
Result<> write_whole(FileSystem& files, const std::string& path, std::string_view bytes);

}  // namespace pomiar
