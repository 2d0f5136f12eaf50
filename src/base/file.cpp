#include "base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pomiar {
namespace {

constexpr std::size_t kReadBytes = 64u << 10;

std::unexpected<Error> system_failure(const char* operation, const std::string& path) {
    const int code = errno;
    ErrorKind kind = ErrorKind::io;
    if (code == ENOENT) kind = ErrorKind::not_found;
    if (code == ENOSPC || code == EDQUOT) kind = ErrorKind::full;
    if (code == EEXIST) kind = ErrorKind::conflict;
    return failure(kind, fmt::format("cannot {} {}: {}", operation, path, std::generic_category().message(code)));
}

class RealFile final : public File {
  public:
    RealFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    RealFile(const RealFile&) = delete;
    RealFile& operator=(const RealFile&) = delete;
    ~RealFile() override {
        ::close(descriptor_);
        if (direct_ >= 0) ::close(direct_);
    }

    Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
        std::size_t done = 0;
        while (done < size) {
            ssize_t n = ::pread(descriptor_, out + done, size - done, static_cast<off_t>(offset + done));
            if (n < 0 && errno == ESPIPE) n = ::read(descriptor_, out + done, size - done);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return system_failure("read", path_);
            if (n == 0) break;
            done += static_cast<std::size_t>(n);
        }
        return done;
    }

    Result<> write_at(std::uint64_t offset, std::string_view bytes) override {
        if (!write_all(descriptor_, offset, bytes)) return system_failure("write", path_);
        return {};
    }

    Result<> write_sectors(std::uint64_t offset, std::string_view bytes) override {
        const bool whole = offset % kSectorBytes == 0 && bytes.size() % kSectorBytes == 0;
        if (!whole || !open_direct()) return write_at(offset, bytes);
        const SectorMemory memory(static_cast<char*>(::operator new(bytes.size(), kDirectAlignment)));
        std::memcpy(memory.get(), bytes.data(), bytes.size());
        if (write_all(direct_, offset, {memory.get(), bytes.size()})) return {};
        if (errno != EINVAL) return system_failure("write", path_);
        give_up_direct();  // the device's sectors are larger
        return write_at(offset, bytes);
    }

    Result<> sync() override {
        if (::fdatasync(descriptor_) != 0) return system_failure("sync", path_);
        return {};
    }

    Result<std::uint64_t> size() override {
        struct stat s{};
        if (::fstat(descriptor_, &s) != 0) return system_failure("stat", path_);
        return static_cast<std::uint64_t>(s.st_size);
    }

  private:
    static constexpr std::align_val_t kDirectAlignment{4096};  // enough for any device
    struct FreeSectors {
        void operator()(char* memory) const { ::operator delete(memory, kDirectAlignment); }
    };
    using SectorMemory = std::unique_ptr<char, FreeSectors>;

    // False: errno says why.
    static bool write_all(int descriptor, std::uint64_t offset, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
            offset += static_cast<std::uint64_t>(n);
        }
        return true;
    }

    // A descriptor that leaves the page cache out. Through /proc, as the file may have another name by now.
    bool open_direct() {
        if (direct_ < 0 && direct_possible_) {
            direct_ = ::open(fmt::format("/proc/self/fd/{}", descriptor_).c_str(), O_WRONLY | O_CLOEXEC | O_DIRECT);
            direct_possible_ = direct_ >= 0;
        }
        return direct_possible_;
    }
    void give_up_direct() {
        ::close(direct_);
        direct_ = -1;
        direct_possible_ = false;
    }

    int descriptor_;
    int direct_ = -1;
    bool direct_possible_ = true;
    std::string path_;
};

class RealFileSystem final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        int flags = O_CLOEXEC;
        if (mode == OpenMode::read) flags |= O_RDONLY;
        if (mode == OpenMode::write) flags |= O_RDWR;
        if (mode == OpenMode::create) flags |= O_RDWR | O_CREAT | O_EXCL;
        const int descriptor = ::open(path.c_str(), flags, 0600);
        if (descriptor < 0) return system_failure("open", path);
        return std::make_unique<RealFile>(descriptor, path);
    }

    Result<> rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return system_failure("rename", from);
        return {};
    }

    Result<> remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) return system_failure("remove", path);
        return {};
    }

    Result<> sync_directory(const std::string& path) override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return system_failure("open", path);
        const int rc = ::fsync(descriptor);
        const int code = errno;
        ::close(descriptor);
        errno = code;
        if (rc != 0) return system_failure("sync", path);
        return {};
    }

    Result<> make_directories(const std::string& path) override {
        for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
            const std::string part = path.substr(0, end);
            if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("make directory", part);
            if (end == std::string::npos) return {};
        }
    }

    Result<std::vector<std::string>> list(const std::string& path) override {
        DIR* directory = ::opendir(path.c_str());
        if (directory == nullptr) return system_failure("list", path);
        std::vector<std::string> names;
        while (const dirent* entry = ::readdir(directory)) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        ::closedir(directory);
        std::sort(names.begin(), names.end());
        return names;
    }
};

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FileSystem& real_file_system() {
    static RealFileSystem files;
    return files;
}

Result<std::string> read_whole(FileSystem& files, const std::string& path, std::size_t bytes_max) {
    auto file = files.open(path, OpenMode::read);
    if (!file) return failure(std::move(file));
    auto size = (*file)->size();
    if (!size) return failure(std::move(size));
    if (*size > bytes_max) {
        return failure(ErrorKind::too_large,
                       fmt::format("{} has {} bytes, at most {} are read", path, *size, bytes_max));
    }
    // The size is a hint: that of a pipe is 0. One byte more than expected shows the end with the first read.
    std::string bytes;
    for (std::size_t part = static_cast<std::size_t>(*size) + 1;; part = kReadBytes) {
        const std::size_t before = bytes.size();
        bytes.resize(before + part);
        auto count = (*file)->read_at(before, bytes.data() + before, part);
        if (!count) return failure(std::move(count));
        bytes.resize(before + *count);
        if (bytes.size() > bytes_max) {
            return failure(ErrorKind::too_large,
                           fmt::format("{} has more than the {} bytes that are read at most", path, bytes_max));
        }
        if (*count < part) return bytes;
    }
}

Result<> write_whole(FileSystem& files, const std::string& path, std::string_view bytes) {
    const std::string aside = path + ".new";
    if (auto gone = files.remove(aside); !gone && gone.error().kind != ErrorKind::not_found) return gone;
    auto file = files.open(aside, OpenMode::create);
    if (!file) return failure(std::move(file));
    if (auto r = (*file)->write_at(0, bytes); !r) return r;
    if (auto r = (*file)->sync(); !r) return r;
    if (auto r = files.rename(aside, path); !r) return r;
    return files.sync_directory(directory_of(path));
}

}  // namespace pomiar
