#include "support/simulated_disk.hpp"

#include <algorithm>
#include <set>

namespace pomiar::test {
namespace {

constexpr std::size_t kPageBytes = 4096;

std::size_t page_of(std::size_t offset) {
    return offset / kPageBytes * kPageBytes;
}

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

std::unique_ptr<SimulatedDisk> SimulatedDisk::fork() const {
    const std::lock_guard lock(mutex_);
    auto copy = std::make_unique<SimulatedDisk>();
    copy->contents_ = contents_;
    copy->names_ = names_;
    copy->durable_names_ = durable_names_;
    copy->unsynced_names_ = unsynced_names_;
    copy->next_file_ = next_file_;
    copy->changes_ = changes_;
    return copy;
}

void SimulatedDisk::cut_power(std::mt19937_64& random, Damage damage) {
    const std::lock_guard lock(mutex_);
    // A change of names that did not happen takes with it those after it that are about the same names.
    std::set<std::string> undone;
    const auto mood = random() % 4;
    for (const Change& change : unsynced_names_) {
        const bool happened = mood == 0 || (mood != 1 && random() % 2 == 0);
        if (happened && !undone.contains(change.path) && !undone.contains(change.to)) {
            rename_in(durable_names_, change);
        } else {
            undone.insert(change.path);
            if (!change.to.empty()) undone.insert(change.to);
        }
    }
    unsynced_names_.clear();
    std::erase_if(durable_names_, [](const auto& entry) { return entry.first.starts_with("/dev/shm/"); });
    names_ = durable_names_;
    std::set<std::uint64_t> named;
    for (const auto& [name, file] : names_) named.insert(file);
    std::erase_if(contents_, [&](const auto& entry) { return !named.contains(entry.first); });
    for (auto& [number, content] : contents_) settle(content, random, damage);
    full_ = dead_ = false;
    faults_.clear();
    fail_reads_in_ = 0;
}

void SimulatedDisk::settle(Content& content, std::mt19937_64& random, Damage damage) {
    std::vector<std::size_t> sizes = content.sizes;
    sizes.push_back(content.durable.size());
    const auto mood = random() % 8;  // 0: all is there; 1: nothing is; else sector by sector
    const std::size_t size =
        mood == 0 ? content.bytes.size() : (mood == 1 ? content.durable.size() : sizes[random() % sizes.size()]);
    std::string settled = content.durable;
    settled.resize(size, '\0');
    for (auto& [sector, versions] : content.unsynced) {
        auto& all = content.doomed[sector];
        all.insert(all.end(), versions.begin(), versions.end());
    }
    for (const auto& [sector, versions] : content.doomed) {
        const auto dice = mood == 0 ? 0 : (mood == 1 ? 4 : random() % 8);
        std::string bytes = versions.back();
        if (dice >= 3 && dice < 6) continue;
        if (dice == 6) bytes = versions[random() % versions.size()];
        if (dice == 7 && damage == Damage::none) continue;
        if (dice == 7) {
            bytes.resize(kSectorBytes);
            std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
        }
        const std::size_t first = sector * kSectorBytes;
        if (first < size) settled.replace(first, std::min(bytes.size(), size - first), bytes, 0, size - first);
    }
    content.unsynced.clear();
    content.doomed.clear();
    content.sizes.clear();
    content.bytes = settled;
    content.durable = std::move(settled);
}

void SimulatedDisk::fail_after(std::uint64_t changes, Fault fault) {
    const std::lock_guard lock(mutex_);
    if (changes == 0) faults_.clear();
    if (changes != 0) faults_[attempts_ + changes] = fault;
}

void SimulatedDisk::fail_reads_after(std::uint64_t reads, Reading reading) {
    const std::lock_guard lock(mutex_);
    fail_reads_ = reading;
    fail_reads_in_ = reads;
}

void SimulatedDisk::make_room() {
    const std::lock_guard lock(mutex_);
    full_ = false;
}

void SimulatedDisk::make_unreadable(const std::string& path, std::size_t offset) {
    const std::lock_guard lock(mutex_);
    contents_.at(names_.at(path)).unreadable.push_back(page_of(offset));
}

std::string& SimulatedDisk::bytes(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return contents_.at(names_.at(path)).bytes;
}

void SimulatedDisk::overwrite(const std::string& path, std::size_t offset, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    Content& content = contents_.at(names_.at(path));
    content.bytes.replace(offset, bytes.size(), bytes);
    if (content.durable.size() < offset + bytes.size()) content.durable.resize(offset + bytes.size(), '\0');
    content.durable.replace(offset, bytes.size(), bytes);
}

std::vector<std::string> SimulatedDisk::paths() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> paths;
    for (const auto& [path, file] : names_) paths.push_back(path);
    return paths;
}

std::uint64_t SimulatedDisk::changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
}

std::uint64_t SimulatedDisk::reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
}

void SimulatedDisk::record() {
    const std::lock_guard lock(mutex_);
    recording_ = true;
    record_.clear();
}

std::vector<SimulatedDisk::Change> SimulatedDisk::take_record() {
    const std::lock_guard lock(mutex_);
    recording_ = false;
    return std::move(record_);
}

void SimulatedDisk::apply(const Change& change) {
    const std::lock_guard lock(mutex_);
    ++changes_;
    carry_out(change);
}

// With the lock held, from here on.
Result<> SimulatedDisk::change(Change change) {
    if (dead_) return failure(ErrorKind::io, "the machine is dead");
    if (const auto found = faults_.find(++attempts_); found != faults_.end()) {
        if (found->second != Fault::full) return fail(change, found->second);
        full_ = true;
    }
    if (full_) {
        if (auto r = refuse_growth(change); !r) return r;
    }
    ++changes_;
    carry_out(change);
    if (recording_) record_.push_back(std::move(change));
    return {};
}

Result<> SimulatedDisk::fail(const Change& change, Fault fault) {
    dead_ = fault == Fault::death;
    if (dead_) return failure(ErrorKind::io, "the machine dies");
    if (change.kind == Change::Kind::sync) doom(contents_.at(change.file));
    if (change.kind == Change::Kind::write)
        write(contents_.at(change.file), change.offset,
              std::string_view(change.bytes).substr(0, change.bytes.size() / 2));
    return failure(ErrorKind::io, "an operation failed");
}

// What lies inside a file has its place already; of the rest half is written.
Result<> SimulatedDisk::refuse_growth(Change& change) {
    const auto refused = failure(ErrorKind::full, "no space left");
    if (change.kind == Change::Kind::create) return refused;
    if (change.kind != Change::Kind::write && change.kind != Change::Kind::resize) return {};
    Content& content = contents_.at(change.file);
    const std::uint64_t end = change.offset + change.bytes.size();
    if (end <= content.bytes.size()) return {};
    if (change.kind == Change::Kind::write && change.offset <= content.bytes.size()) {
        const std::size_t inside = content.bytes.size() - static_cast<std::size_t>(change.offset);
        write(content, change.offset, std::string_view(change.bytes).substr(0, (inside + change.bytes.size()) / 2));
    }
    return refused;
}

void SimulatedDisk::carry_out(const Change& change) {
    using Kind = Change::Kind;
    switch (change.kind) {
        case Kind::create:
            next_file_ = std::max(next_file_, change.file + 1);
            contents_[change.file];
            [[fallthrough]];
        case Kind::rename:
        case Kind::remove:
            rename_in(names_, change);
            unsynced_names_.push_back(change);
            break;
        case Kind::write:
            write(contents_.at(change.file), change.offset, change.bytes);
            break;
        case Kind::resize: {
            Content& content = contents_.at(change.file);
            content.bytes.resize(static_cast<std::size_t>(change.offset), '\0');
            content.sizes.push_back(content.bytes.size());
            break;
        }
        case Kind::sync: {
            Content& content = contents_.at(change.file);
            content.durable.resize(content.bytes.size(), '\0');
            for (const auto& [sector, versions] : content.unsynced) {
                const std::size_t first = sector * kSectorBytes;
                if (first < content.bytes.size())
                    content.durable.replace(first, kSectorBytes, content.bytes, first, kSectorBytes);
                content.doomed.erase(sector);
            }
            content.unsynced.clear();
            content.sizes.clear();
            break;
        }
        case Kind::sync_directory:
            sync_names(change.path);
            break;
    }
}

void SimulatedDisk::write(Content& content, std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto first = static_cast<std::size_t>(offset);
    if (content.bytes.size() < first + bytes.size()) {
        content.bytes.resize(first + bytes.size(), '\0');
        content.sizes.push_back(content.bytes.size());
    }
    content.bytes.replace(first, bytes.size(), bytes);
    std::erase_if(content.unreadable,
                  [&](std::size_t page) { return page >= page_of(first) && page < first + bytes.size(); });
    for (std::size_t sector = first / kSectorBytes; sector * kSectorBytes < first + bytes.size(); ++sector)
        content.unsynced[sector].push_back(content.bytes.substr(sector * kSectorBytes, kSectorBytes));
}

void SimulatedDisk::doom(Content& content) {
    for (auto& [sector, versions] : content.unsynced) {
        auto& doomed = content.doomed[sector];
        doomed.insert(doomed.end(), versions.begin(), versions.end());
    }
    content.unsynced.clear();
}

void SimulatedDisk::rename_in(std::map<std::string, std::uint64_t>& names, const Change& change) {
    if (change.kind == Change::Kind::create) {
        names[change.path] = change.file;
        return;
    }
    names.erase(change.path);
    if (change.kind == Change::Kind::rename) names[change.to] = change.file;
}

void SimulatedDisk::sync_names(const std::string& directory) {
    std::erase_if(unsynced_names_, [&](const Change& change) {
        if (directory_of(change.path) != directory && (change.to.empty() || directory_of(change.to) != directory))
            return false;
        rename_in(durable_names_, change);
        return true;
    });
}

Result<std::unique_ptr<SimulatedFile>> SimulatedDisk::open_file(const std::string& path, OpenMode mode) {
    const std::lock_guard lock(mutex_);
    auto found = names_.find(path);
    if (mode == OpenMode::create) {
        if (found != names_.end()) return failure(ErrorKind::conflict, path + " exists");
        if (auto made = change({.kind = Change::Kind::create, .file = next_file_, .path = path}); !made)
            return failure(std::move(made));
        found = names_.find(path);
    }
    if (found == names_.end()) return failure(ErrorKind::not_found, "no " + path);
    return std::make_unique<SimulatedFile>(*this, found->second);
}

bool SimulatedDisk::exists(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return names_.contains(path);
}

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::string& path, OpenMode mode) {
    auto opened = open_file(path, mode);
    if (!opened) return failure(std::move(opened));
    return std::move(*opened);
}

Result<> SimulatedDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(from);
    if (found == names_.end()) return failure(ErrorKind::not_found, "no " + from);
    return change({.kind = Change::Kind::rename, .file = found->second, .path = from, .to = to});
}

Result<> SimulatedDisk::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!names_.contains(path)) return failure(ErrorKind::not_found, "no " + path);
    return change({.kind = Change::Kind::remove, .path = path});
}

Result<> SimulatedDisk::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return change({.kind = Change::Kind::sync_directory,
                   .path = path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path});
}

// Directories are taken to be there.
Result<> SimulatedDisk::make_directories(const std::string&) {
    return {};
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, file] : names_) {
        if (directory_of(name) == path) names.push_back(name.substr(path.size() + 1));
    }
    return names;
}

Result<std::size_t> SimulatedDisk::read(std::uint64_t file, std::uint64_t offset, char* out, std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (dead_) return failure(ErrorKind::io, "the machine is dead");
    ++reads_;
    Content& content = contents_.at(file);
    const bool fails = fail_reads_in_ != 0 && --fail_reads_in_ == 0;
    if (fails && fail_reads_ == Reading::once) return failure(ErrorKind::io, "a read failed");
    if (fails) content.unreadable.push_back(page_of(static_cast<std::size_t>(offset)));
    for (const std::size_t bad : content.unreadable) {
        if (bad < offset + size && bad + kPageBytes > offset) return failure(ErrorKind::io, "a sector cannot be read");
    }
    if (offset >= content.bytes.size()) return std::size_t{0};
    return content.bytes.copy(out, size, static_cast<std::size_t>(offset));
}

Result<std::size_t> SimulatedFile::read_at(std::uint64_t offset, char* out, std::size_t size) {
    return disk_.read(number_, offset, out, size);
}

Result<> SimulatedFile::write_at(std::uint64_t offset, std::string_view bytes) {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.change(
        {.kind = SimulatedDisk::Change::Kind::write, .file = number_, .offset = offset, .bytes = std::string(bytes)});
}

Result<> SimulatedFile::sync() {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.change({.kind = SimulatedDisk::Change::Kind::sync, .file = number_});
}

Result<std::uint64_t> SimulatedFile::size() {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.contents_.at(number_).bytes.size();
}

Result<> SimulatedFile::resize(std::uint64_t size) {
    const std::lock_guard lock(disk_.mutex_);
    return disk_.change({.kind = SimulatedDisk::Change::Kind::resize, .file = number_, .offset = size});
}

}  // namespace pomiar::test
