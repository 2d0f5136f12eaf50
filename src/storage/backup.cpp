#include "storage/backup.hpp"

#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>

#include "storage/database/connection.hpp"
#include "storage/database/schema.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint64_t kCacheBytes = 256u << 10;
constexpr std::size_t kFileBytesMax = 256u << 10;

// A file that is removed again unless it becomes what it was meant for.
class Part {
  public:
    Part(std::string path, FileSystem& files) : path_(path + ".part"), target_(std::move(path)), files_(files) {
        (void)files_.remove(path_);  // of a try that was cut off
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() {
        if (!done_) (void)files_.remove(path_);
    }

    const std::string& path() const { return path_; }

    // Onto the device, and to its name.
    Result<> finish() {
        auto file = files_.open(path_, OpenMode::write);
        if (!file) return failure(std::move(file));
        if (auto r = (*file)->sync(); !r) return r;
        if (auto r = files_.rename(path_, target_); !r) return r;
        done_ = true;
        const std::size_t slash = target_.rfind('/');
        return files_.sync_directory(slash == std::string::npos ? "." : target_.substr(0, slash + 1));
    }

  private:
    const std::string path_;
    const std::string target_;
    FileSystem& files_;
    bool done_ = false;
};

bool exists(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
}

// SQLite makes files that all may read.
Result<> make_private(const std::string& path, FileSystem& files) {
    auto made = files.open(path, OpenMode::create);
    if (!made) return failure(std::move(made));
    return {};
}

Result<> take_in(Connection& backup, const std::string& directory, std::span<const std::string_view> names,
                 FileSystem& files) {
    constexpr auto kTable = "CREATE TABLE files (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID";
    if (auto r = backup.execute(kTable); !r) return r;
    auto insert = backup.prepare("INSERT INTO files (name, content) VALUES (?1, ?2)");
    if (!insert) return failure(std::move(insert));
    for (const std::string_view name : names) {
        const auto content = read_whole(files, fmt::format("{}/{}", directory, name), kFileBytesMax);
        if (!content && content.error().kind == ErrorKind::not_found) continue;
        if (!content) return failure(Result<std::string>(content));
        insert->bind_text(1, name).bind_blob(2, *content);
        if (auto r = insert->run(); !r) return r;
    }
    return {};
}

// Only those asked for: what a backup calls a file is no reason to write anywhere else.
Result<> give_out(Connection& backup, const std::string& directory, std::span<const std::string_view> names,
                  FileSystem& files) {
    auto rows = backup.prepare("SELECT content FROM files WHERE name = ?1");
    if (!rows) return failure(ErrorKind::invalid, "it has no table `files`: this is a database, not a backup");
    for (const std::string_view name : names) {
        rows->bind_text(1, name);
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) continue;
        const std::string path = fmt::format("{}/{}", directory, name);
        if (auto r = files.make_directories(path.substr(0, path.rfind('/'))); !r) return r;
        if (auto r = write_whole(files, path, rows->blob(0)); !r) return r;
        rows->reset();
    }
    return {};
}

Result<> check_whole(Connection& database) {
    auto rows = database.prepare("PRAGMA integrity_check(1)");
    if (!rows) return failure(std::move(rows));
    auto row = rows->step();
    if (!row) return failure(std::move(row));
    if (*row && rows->text(0) == "ok") return {};
    return failure(ErrorKind::corrupt, fmt::format("SQLite says: {}", rows->text(0)));
}

Result<Connection> open_backup(const std::string& path, const std::function<Result<>()>& opened) {
    if (!exists(path)) return failure(ErrorKind::not_found, "there is no such file");
    auto backup = Connection::open(path, Connection::Access::read_only, kCacheBytes);
    if (!backup) return backup;
    if (auto r = opened ? opened() : Result<>(); !r) return failure(std::move(r));
    if (auto r = check_whole(*backup); !r) return failure(std::move(r));
    if (auto r = check_schema(*backup); !r) return failure(std::move(r));
    return backup;
}

template <class T>
std::unexpected<Error> about(const std::string& path, const Result<T>& failed) {
    return failure(failed.error().kind, fmt::format("{}: {}", path, failed.error().message));
}

}  // namespace

Result<> write_backup(const std::string& from, const std::string& to, std::span<const std::string_view> beside,
                      FileSystem& files, const std::function<bool()>& go_on) {
    if (!exists(from + "/pomiar.db")) return failure(ErrorKind::not_found, fmt::format("{} has no pomiar.db", from));
    Part part(to, files);
    if (auto r = make_private(part.path(), files); !r) return r;
    {
        auto source = Connection::open(from + "/pomiar.db", Connection::Access::read_only, kCacheBytes);
        if (!source) return about(from, source);
        auto copy = Connection::open(part.path(), Connection::Access::alone, kCacheBytes);
        if (!copy) return about(to, copy);
        if (auto r = source->copy_to(*copy, go_on); !r) return about(to, r);
        // The pages came with the mode of the original, which keeps a log beside it.
        if (auto r = copy->execute("PRAGMA journal_mode=DELETE"); !r) return about(to, r);
        if (auto r = take_in(*copy, from, beside, files); !r) return about(to, r);
    }
    return part.finish();
}

Result<> restore_backup(const std::string& from, const std::string& to, std::span<const std::string_view> beside,
                        FileSystem& files, const std::function<Result<>()>& opened) {
    if (exists(to + "/pomiar.db") || exists(to + "/journal"))
        return failure(ErrorKind::conflict, fmt::format("{} has readings already", to));
    auto backup = open_backup(from, opened);
    if (!backup) return about(from, backup);
    if (auto r = give_out(*backup, to, beside, files); !r) return about(from, r);
    Part part(to + "/pomiar.db", files);
    if (auto r = make_private(part.path(), files); !r) return r;
    {
        auto copy = Connection::open(part.path(), Connection::Access::alone, kCacheBytes);
        if (!copy) return about(to, copy);
        if (auto r = backup->copy_to(*copy); !r) return about(to, r);
        // The journal begins anew, and what it has is later than all of this.
        if (auto r = copy->execute("DROP TABLE files; DELETE FROM meta WHERE key LIKE 'released%'"); !r)
            return about(to, r);
    }
    return part.finish();
}

}  // namespace pomiar::storage
