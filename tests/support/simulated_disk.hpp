// Files in memory that remember what was synced: the power can be cut, and any operation can be made to fail.
// A cut leaves each sector that was not synced as it was before, as it should be, or with garbage in the place of the
// bytes that were to change. (What a sector had already keeps: cards write elsewhere first.) Names are durable at once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "base/file.hpp"

namespace pomiar::test {

class SimulatedDisk final : public FileSystem {
  public:
    static constexpr std::size_t kSectorBytes = 512;

    void cut_power(std::mt19937_64& random) {
        for (auto& [path, content] : files_) {
            for (const std::size_t sector : content->unsynced) settle(*content, sector, random);
            content->unsynced.clear();
            content->durable = content->bytes;
        }
    }
    // The n-th write or sync from now fails, a write after half of its bytes. 0: none.
    void fail_after(std::uint64_t operations) {
        const std::lock_guard lock(mutex_);
        fail_in_ = operations;
    }
    // Every read that touches this byte of the file fails from now on.
    void make_unreadable(const std::string& path, std::size_t offset) { files_.at(path)->unreadable = offset; }
    std::string& bytes(const std::string& path) { return files_.at(path)->bytes; }

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        const std::lock_guard lock(mutex_);
        const auto found = files_.find(path);
        if (mode == OpenMode::create) {
            if (found != files_.end()) return failure(ErrorKind::conflict, path + " exists");
            return std::make_unique<Handle>(*this, files_.emplace(path, std::make_shared<Content>()).first->second);
        }
        if (found == files_.end()) return failure(ErrorKind::not_found, "no " + path);
        return std::make_unique<Handle>(*this, found->second);
    }
    Result<> rename(const std::string& from, const std::string& to) override {
        const std::lock_guard lock(mutex_);
        auto node = files_.extract(from);
        if (!node) return failure(ErrorKind::not_found, "no " + from);
        node.key() = to;
        files_.erase(to);
        files_.insert(std::move(node));
        return {};
    }
    Result<> remove(const std::string& path) override {
        const std::lock_guard lock(mutex_);
        return files_.erase(path) != 0 ? Result<>() : failure(ErrorKind::not_found, "no " + path);
    }
    Result<> sync_directory(const std::string&) override { return {}; }
    Result<> make_directories(const std::string&) override { return {}; }
    Result<std::vector<std::string>> list(const std::string& path) override {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> names;
        for (const auto& [name, content] : files_) {
            if (name.starts_with(path + "/")) names.push_back(name.substr(path.size() + 1));
        }
        return names;
    }

  private:
    struct Content {
        std::string bytes;
        std::string durable;
        std::set<std::size_t> unsynced;  // sectors
        std::size_t unreadable = ~std::size_t{0};
    };

    class Handle final : public File {
      public:
        Handle(SimulatedDisk& disk, std::shared_ptr<Content> content) : disk_(disk), content_(std::move(content)) {}
        Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
            const std::lock_guard lock(disk_.mutex_);
            if (content_->unreadable >= offset && content_->unreadable < offset + size)
                return failure(ErrorKind::io, "a sector cannot be read");
            if (offset >= content_->bytes.size()) return std::size_t{0};
            return content_->bytes.copy(out, size, static_cast<std::size_t>(offset));
        }
        Result<> write_at(std::uint64_t offset, std::string_view bytes) override {
            const std::lock_guard lock(disk_.mutex_);
            const bool fails = disk_.fails();
            const std::string_view written = fails ? bytes.substr(0, bytes.size() / 2) : bytes;
            const auto first = static_cast<std::size_t>(offset);
            if (content_->bytes.size() < first + written.size()) content_->bytes.resize(first + written.size(), '\0');
            content_->bytes.replace(first, written.size(), written);
            for (std::size_t at = first / kSectorBytes; at * kSectorBytes < first + written.size(); ++at)
                content_->unsynced.insert(at);
            return fails ? failure(ErrorKind::io, "a write failed") : Result<>();
        }
        Result<> sync() override {
            const std::lock_guard lock(disk_.mutex_);
            if (disk_.fails()) return failure(ErrorKind::io, "a sync failed");
            content_->unsynced.clear();
            content_->durable = content_->bytes;
            return {};
        }
        Result<std::uint64_t> size() override { return content_->bytes.size(); }

      private:
        SimulatedDisk& disk_;
        std::shared_ptr<Content> content_;
    };

    bool fails() { return fail_in_ != 0 && --fail_in_ == 0; }

    static void settle(Content& content, std::size_t sector, std::mt19937_64& random) {
        const std::size_t first = sector * kSectorBytes;
        const std::size_t size = std::min(kSectorBytes, content.bytes.size() - first);
        const auto dice = random() % 8;
        if (dice < 4) return;
        for (std::size_t i = first; i < first + size; ++i) {
            const char before = i < content.durable.size() ? content.durable[i] : '\0';
            if (content.bytes[i] != before) content.bytes[i] = dice < 7 ? before : static_cast<char>(random());
        }
    }

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Content>> files_;
    std::uint64_t fail_in_ = 0;
};

}  // namespace pomiar::test
