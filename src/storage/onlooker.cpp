#include "storage/onlooker.hpp"

#include <filesystem>
#include <optional>

#include <fmt/core.h>

#include "storage/database/connection.hpp"
#include "storage/database/schema.hpp"
#include "storage/reader.hpp"
#include "storage/recovery.hpp"
#include "storage/state.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint64_t kReadCacheBytes = 1u << 20;
constexpr int kTriesMax = 10;

template <class T>
std::unexpected<Error> about(const std::string& path, const Result<T>& failed) {
    return failure(failed.error().kind, fmt::format("{}: {}", path, failed.error().message));
}

class FileOnlooker final : public Onlooker {
  public:
    FileOnlooker(std::string database, std::string directory, Connection connection, FileSystem& files)
        : database_(std::move(database)),
          directory_(std::move(directory)),
          connection_(std::move(connection)),
          files_(files) {}

    Result<> refresh() override {
        for (int tries = 0; tries < kTriesMax; ++tries) {
            const auto before = changes();
            if (!before) return about(database_, before);
            auto state = std::make_unique<State>(UINT32_MAX);
            // What is released while the journal is read may be missing in both places: then it is read again.
            const auto released = load_released(connection_);
            if (!released) return about(database_, released);
            if (auto r = look_at_unsealed(connection_, directory_, files_, *released, *state); !r)
                return about(database_, r);
            const auto after = load_released(connection_);
            if (!after) return about(database_, after);
            if (*after != *released) continue;
            auto reader = Reader::open(database_, kReadCacheBytes, *state);
            if (!reader) return about(database_, reader);
            reader_ = std::move(*reader);  // before the state that the old one looks at goes
            state_ = std::move(state);
            seen_ = *before;
            return {};
        }
        return failure(ErrorKind::busy, fmt::format("{} changes all the time: try again", database_));
    }

    Result<> read(const std::function<void(Snapshot&)>& work) override {
        const auto now = changes();
        if (!now) return about(database_, now);
        if (!reader_ || *now != seen_) {
            if (auto r = refresh(); !r) return r;
        }
        reader_->begin();
        work(*reader_);
        reader_->end();
        return {};
    }

  private:
    // A number that is another one after each commit of others.
    Result<std::int64_t> changes() {
        auto rows = connection_.prepare("PRAGMA data_version");
        if (!rows) return failure(std::move(rows));
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        return rows->integer(0);
    }

    std::string database_;
    std::string directory_;  // empty: there is only the file
    Connection connection_;
    FileSystem& files_;
    std::unique_ptr<State> state_;
    std::unique_ptr<Reader> reader_;
    std::int64_t seen_ = 0;
};

}  // namespace

Result<std::unique_ptr<Onlooker>> Onlooker::open(const std::string& path, FileSystem& files) {
    std::error_code ignored;
    const bool is_directory = std::filesystem::is_directory(path, ignored);
    const std::string database = is_directory ? path + "/pomiar.db" : path;
    if (!std::filesystem::exists(database, ignored))
        return failure(ErrorKind::not_found, fmt::format("there is no {}", database));
    auto connection = Connection::open(database, Connection::Access::read_only, kReadCacheBytes);
    if (!connection) return about(database, connection);
    if (auto r = check_schema(*connection); !r) return about(database, r);
    auto onlooker = std::make_unique<FileOnlooker>(database, is_directory ? path : "", std::move(*connection), files);
    if (auto r = onlooker->refresh(); !r) return failure(std::move(r));
    return onlooker;
}

}  // namespace pomiar::storage
