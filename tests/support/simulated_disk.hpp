// Files in memory that remember what was synced: the power can be cut, and any operation can be made to fail.
// A cut leaves each sector that was not synced as it was before, as some write made it, or full of garbage; a file's
// size and the names of files that no sync of their directory made durable are as before or as they should be.
// After a failed sync what had been written stays readable and is never durable, whatever a later sync says, until it
// is written again: so Linux does it.
// Thread:  any; one lock.
// Changes (writes, resizes, syncs, creations, renames, removals, syncs of a directory) are counted from 1 and can be
// recorded, so that a run can be brought back to any of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace pomiar::test {

class SimulatedFile;

class SimulatedDisk final : public FileSystem {
  public:
    static constexpr std::size_t kSectorBytes = 512;

    enum class Fault {
        error,  // one operation fails, a write after half of its bytes
        full,   // from then on no file grows and none is made, until make_room()
        death,  // nothing happens any more: every operation fails without a trace
    };
    enum class Damage { none, garbage };

    struct Change {
        enum class Kind { create, write, resize, sync, rename, remove, sync_directory } kind;
        std::uint64_t file = 0;  // its number
        std::string path = {};
        std::string to = {};
        std::uint64_t offset = 0;  // of a resize: the new size
        std::string bytes = {};
    };

    SimulatedDisk() = default;
    // A copy of everything but the faults and the record; handles stay with the original.
    std::unique_ptr<SimulatedDisk> fork() const;

    // Files below /dev/shm are in memory: they are gone.
    void cut_power(std::mt19937_64& random, Damage damage = Damage::garbage);

    // The n-th change from now fails, besides what was ordered before. 0: none does any more.
    void fail_after(std::uint64_t changes, Fault fault = Fault::error);
    enum class Reading { once, lasting };
    // The n-th read from now fails; lasting: from then on every read of that page, until it is written. 0: none.
    void fail_reads_after(std::uint64_t reads, Reading reading = Reading::lasting);
    void make_room();
    // Every read that touches this byte's page of the file fails from now on, until it is written.
    void make_unreadable(const std::string& path, std::size_t offset);
    std::string& bytes(const std::string& path);
    // On the medium and in the cache.
    void overwrite(const std::string& path, std::size_t offset, std::string_view bytes);
    std::vector<std::string> paths() const;

    std::uint64_t changes() const;  // so far
    std::uint64_t reads() const;
    void record();
    std::vector<Change> take_record();
    void apply(const Change& change);

    // More than the seam, for SQLite. Errors: as the seam's.
    Result<std::unique_ptr<SimulatedFile>> open_file(const std::string& path, OpenMode mode);
    bool exists(const std::string& path) const;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Result<> rename(const std::string& from, const std::string& to) override;
    Result<> remove(const std::string& path) override;
    Result<> sync_directory(const std::string& path) override;
    Result<> make_directories(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& path) override;

  private:
    friend class SimulatedFile;

    using Versions = std::map<std::size_t, std::vector<std::string>>;  // by sector, in the order of writing

    struct Content {
        std::string bytes;
        std::string durable;
        std::vector<std::size_t> sizes;  // since the last sync
        Versions unsynced;
        Versions doomed;                      // of failed syncs
        std::vector<std::size_t> unreadable;  // pages
    };

    Result<> change(Change change);
    Result<> fail(const Change& change, Fault fault);
    Result<> refuse_growth(Change& change);
    void carry_out(const Change& change);
    void write(Content& content, std::uint64_t offset, std::string_view bytes);
    void sync_names(const std::string& directory);
    static void rename_in(std::map<std::string, std::uint64_t>& names, const Change& change);
    static void doom(Content& content);
    static void settle(Content& content, std::mt19937_64& random, Damage damage);
    Result<std::size_t> read(std::uint64_t file, std::uint64_t offset, char* out, std::size_t size);

    mutable std::mutex mutex_;  // guards all that follows
    std::map<std::uint64_t, Content> contents_;
    std::map<std::string, std::uint64_t> names_;
    std::map<std::string, std::uint64_t> durable_names_;
    std::vector<Change> unsynced_names_;
    std::uint64_t next_file_ = 1;
    std::uint64_t changes_ = 0;
    std::uint64_t reads_ = 0;
    std::uint64_t attempts_ = 0;
    std::map<std::uint64_t, Fault> faults_;  // by attempt
    std::uint64_t fail_reads_in_ = 0;
    Reading fail_reads_ = Reading::lasting;
    bool full_ = false;
    bool dead_ = false;
    bool recording_ = false;
    std::vector<Change> record_;
};

class SimulatedFile final : public File {
  public:
    SimulatedFile(SimulatedDisk& disk, std::uint64_t number) : disk_(disk), number_(number) {}
    Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override;
    Result<> write_at(std::uint64_t offset, std::string_view bytes) override;
    Result<> sync() override;
    Result<std::uint64_t> size() override;
    Result<> resize(std::uint64_t size);

  private:
    SimulatedDisk& disk_;
    std::uint64_t number_;
};

}  // namespace pomiar::test
