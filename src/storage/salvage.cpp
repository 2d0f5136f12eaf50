#include "storage/salvage.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "storage/database/connection.hpp"
#include "storage/database/page_file.hpp"
#include "storage/database/schema.hpp"
#include "storage/database/tree_page.hpp"
#include "storage/series_copy.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint64_t kSalvageCacheBytes = 256u << 10;
constexpr std::string_view kAsidePrefix = "pomiar-";
constexpr int kDepthMax = 20;  // of a tree

struct ColumnRule {
    std::string type;
    bool not_null;
    bool is_rowid;
};

struct Table {
    std::string name;
    std::vector<ColumnRule> columns;
    bool with_rowid;
    Statement insert;
};

bool fits(const ColumnRule& rule, const Column& value, bool is_blob) {
    if (std::holds_alternative<std::monostate>(value)) return rule.is_rowid || !rule.not_null;
    if (rule.is_rowid) return false;
    if (const auto* text = std::get_if<std::string>(&value))
        return rule.type == (is_blob ? "BLOB" : "TEXT") && text->size() <= kRecordBytesMax;
    // A whole number is stored as an integer, though the column holds floating-point numbers.
    return rule.type == "REAL" || (rule.type == "INTEGER" && std::holds_alternative<std::int64_t>(value));
}

bool fits(const Table& table, const Record& record, bool index_page) {
    if (table.with_rowid == index_page || table.columns.size() != record.columns.size()) return false;
    for (std::size_t i = 0; i < record.columns.size(); ++i) {
        if (!fits(table.columns[i], record.columns[i], record.is_blob[i])) return false;
    }
    return true;
}

class Salvage {
  public:
    Salvage(PageFile old, Connection& database) : old_(std::move(old)), database_(database) {}

    Result<> run() {
        if (auto r = describe_tables(); !r) return r;
        seen_.assign(old_.size() + 1, false);
        for (const auto& [name, root] : find_roots()) {
            const auto table =
                std::find_if(tables_.begin(), tables_.end(), [&](const Table& t) { return t.name == name; });
            if (table == tables_.end()) continue;
            if (auto r = take_tree(root, *table, 0); !r) return r;
        }
        skip_free_pages();
        return take_orphans();
    }

    std::uint64_t rows() const { return rows_; }
    std::uint64_t damaged_pages() const { return damaged_; }

  private:
    struct Orphan {
        std::int64_t rowid;
        std::uint32_t page;
        std::uint16_t cell;
    };

    Result<> describe_tables();
    std::map<std::string, std::uint32_t> find_roots();
    void find_roots_in(std::uint32_t number, std::map<std::string, std::uint32_t>& roots, int depth);
    Result<> take_tree(std::uint32_t number, Table& table, int depth);
    Result<> take(std::uint32_t number, const TreePage& page, std::size_t cell, Table* table);
    Result<> insert(Table& table, const Record& record);
    void skip_free_pages();
    Result<> take_orphans();
    Result<bool> overlaps(const Record& block);
    bool visit(std::uint32_t number);

    PageFile old_;
    Connection& database_;
    std::vector<Table> tables_;
    Statement overlapping_;
    std::vector<bool> seen_;  // by page
    std::uint64_t rows_ = 0;
    std::uint64_t damaged_ = 0;
};

Result<> Salvage::describe_tables() {
    auto names =
        database_.prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'");
    if (!names) return failure(std::move(names));
    auto columns = database_.prepare("SELECT type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid");
    if (!columns) return failure(std::move(columns));
    for (;;) {
        auto row = names->step();
        if (!row) return failure(std::move(row));
        if (!*row) break;
        Table table{std::string(names->text(0)), {}, names->integer(1) == 0, {}};
        columns->bind_text(1, table.name);
        std::string marks;
        for (;;) {
            auto column = columns->step();
            if (!column) return failure(std::move(column));
            if (!*column) break;
            const std::string type(columns->text(0));
            table.columns.push_back(
                {type, columns->integer(1) != 0, table.with_rowid && columns->integer(2) != 0 && type == "INTEGER"});
            marks += marks.empty() ? "?" : ", ?";
        }
        auto insert = database_.prepare(fmt::format("INSERT OR IGNORE INTO {} VALUES ({})", table.name, marks));
        if (!insert) return failure(std::move(insert));
        table.insert = std::move(*insert);
        tables_.push_back(std::move(table));
    }
    auto overlapping =
        database_.prepare("SELECT 1 FROM blocks WHERE level = ?1 AND grp = ?2 AND start <= ?4 AND end >= ?3 LIMIT 1");
    if (!overlapping) return failure(std::move(overlapping));
    overlapping_ = std::move(*overlapping);
    return {};
}

// False where it is none, or was looked at already.
bool Salvage::visit(std::uint32_t number) {
    if (number == 0 || number >= seen_.size() || seen_[number]) return false;
    seen_[number] = true;
    return true;
}

std::map<std::string, std::uint32_t> Salvage::find_roots() {
    std::map<std::string, std::uint32_t> roots;
    find_roots_in(1, roots, 0);
    return roots;
}

void Salvage::find_roots_in(std::uint32_t number, std::map<std::string, std::uint32_t>& roots, int depth) {
    if (depth > kDepthMax || !visit(number)) return;
    const auto page = parse_tree_page(old_.page(number), number);
    if (!page || page->is_index()) {
        ++damaged_;
        return;
    }
    for (const std::uint32_t child : page->children) find_roots_in(child, roots, depth + 1);
    if (!page->children.empty()) return;
    for (std::size_t i = 0; i < page->cells.size(); ++i) {
        const auto row = read_cell(old_, number, *page, i);
        if (!row || row->columns.size() != 5) continue;
        const auto* type = std::get_if<std::string>(row->columns.data());
        const auto* name = std::get_if<std::string>(&row->columns[1]);
        const auto* root = std::get_if<std::int64_t>(&row->columns[3]);
        if (type != nullptr && name != nullptr && root != nullptr && *type == "table" && *root > 1 &&
            *root <= old_.size())
            roots.emplace(*name, static_cast<std::uint32_t>(*root));
    }
}

// What does not look like a page of this tree is left for take_orphans().
Result<> Salvage::take_tree(std::uint32_t number, Table& table, int depth) {
    const auto page = parse_tree_page(old_.page(number), number);
    if (depth > kDepthMax || !page || page->is_index() == table.with_rowid) {
        ++damaged_;
        return {};
    }
    if (!visit(number)) return {};
    damaged_ += page->bad_cells;
    if (page->children.empty() || page->is_index()) {
        for (std::size_t i = 0; i < page->cells.size(); ++i) {
            if (auto r = take(number, *page, i, &table); !r) return r;
        }
    }
    for (const std::uint32_t child : page->children) {
        if (auto r = take_tree(child, table, depth + 1); !r) return r;
    }
    return {};
}

// Into that table, or the one that it fits.
Result<> Salvage::take(std::uint32_t number, const TreePage& page, std::size_t cell, Table* table) {
    const auto record = read_cell(old_, number, page, cell);
    if (record && table == nullptr) {
        const auto found = std::find_if(tables_.begin(), tables_.end(),
                                        [&](const Table& t) { return fits(t, *record, page.is_index()); });
        if (found == tables_.end()) return {};
        table = &*found;
        if (table->name == "blocks") {
            auto known = overlaps(*record);
            if (!known) return failure(std::move(known));
            if (*known) return {};
        }
    }
    if (!record || !fits(*table, *record, page.is_index())) {
        ++damaged_;
        return {};
    }
    return insert(*table, *record);
}

Result<> Salvage::insert(Table& table, const Record& record) {
    for (std::size_t i = 0; i < record.columns.size(); ++i) {
        const auto at = static_cast<int>(i + 1);
        if (table.columns[i].is_rowid) {
            table.insert.bind(at, record.rowid);
        } else if (const auto* integer = std::get_if<std::int64_t>(&record.columns[i])) {
            table.insert.bind(at, *integer);
        } else if (const auto* real = std::get_if<double>(&record.columns[i])) {
            table.insert.bind(at, *real);
        } else if (const auto* bytes = std::get_if<std::string>(&record.columns[i])) {
            record.is_blob[i] ? table.insert.bind_blob(at, *bytes) : table.insert.bind_text(at, *bytes);
        } else {
            table.insert.bind(at, std::numeric_limits<double>::quiet_NaN());  // a NULL
        }
    }
    ++rows_;
    return table.insert.run();
}

// They may still hold what was deleted.
void Salvage::skip_free_pages() {
    const auto integer = [this](std::uint32_t page, std::size_t at) {
        const std::string_view bytes = old_.page(page);
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i)
            value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
        return value;
    };
    for (std::uint32_t trunk = integer(1, 32); visit(trunk); trunk = integer(trunk, 0)) {
        const std::uint32_t count =
            std::min<std::uint32_t>(integer(trunk, 4), static_cast<std::uint32_t>(old_.page_bytes() / 4 - 2));
        for (std::uint32_t i = 0; i < count; ++i) (void)visit(integer(trunk, 8 + 4 * std::size_t{i}));
    }
}

// Leaves that no tree led to; newer rows first, as one that was replaced may still be somewhere.
Result<> Salvage::take_orphans() {
    std::vector<Orphan> orphans;
    for (std::uint32_t number = 2; number < seen_.size(); ++number) {
        if (seen_[number]) continue;
        const std::string_view bytes = old_.page(number);
        if (bytes.empty()) ++damaged_;
        const auto page = parse_tree_page(bytes, number);
        if (!page || !page->children.empty()) continue;
        for (std::size_t i = 0; i < page->cells.size(); ++i) {
            const auto record = read_cell(old_, number, *page, i);
            if (record) orphans.push_back({record->rowid, number, static_cast<std::uint16_t>(i)});
        }
    }
    std::stable_sort(orphans.begin(), orphans.end(),
                     [](const Orphan& a, const Orphan& b) { return a.rowid > b.rowid; });
    for (const Orphan& orphan : orphans) {
        const auto page = parse_tree_page(old_.page(orphan.page), orphan.page);
        if (!page) continue;
        if (auto r = take(orphan.page, *page, orphan.cell, nullptr); !r) return r;
    }
    return {};
}

Result<bool> Salvage::overlaps(const Record& block) {
    for (int i = 1; i <= 4; ++i)
        overlapping_.bind(i, std::get<std::int64_t>(block.columns[static_cast<std::size_t>(i)]));
    auto found = overlapping_.step();
    overlapping_.reset();
    return found;
}

struct Paths {
    explicit Paths(const std::string& data)
        : directory(data), database(data + "/pomiar.db"), made(database + ".new"), aside(data + "/damaged") {}
    std::string directory;
    std::string database;
    std::string made;
    std::string aside;
};

bool exists(const std::string& path, FileSystem& files) {
    return files.open(path, OpenMode::read).has_value();
}

Result<> remove_if_there(const std::string& path, FileSystem& files) {
    auto removed = files.remove(path);
    if (removed || removed.error().kind == ErrorKind::not_found) return {};
    return removed;
}

// Where the damage took it, it is known from the copy of the series, which is of use only to a database of that
// identity.
Result<> keep_identity(Connection& database, const std::string& directory, FileSystem& files) {
    auto identity = load_identity(database);
    if (!identity) return failure(std::move(identity));
    const std::uint32_t copied = identity_of_series_copy(directory, files);
    if (*identity != 0 || copied == 0) return {};
    return database.execute(fmt::format("INSERT INTO meta (key, value) VALUES ('identity', {})", copied));
}

Result<> fill(const Paths& paths, FileSystem& files, Salvaged& salvaged) {
    auto old = PageFile::open(paths.database, files);
    if (!old) return failure(std::move(old));
    auto database = Connection::open(paths.made, Connection::Access::alone, kSalvageCacheBytes);
    if (!database) return failure(std::move(database));
    if (auto r = database->execute("PRAGMA auto_vacuum=INCREMENTAL"); !r) return r;
    if (auto r = prepare_schema(*database); !r) return r;
    auto transaction = Transaction::begin(*database);
    if (!transaction) return failure(std::move(transaction));
    if (auto r = database->execute("DELETE FROM meta"); !r) return r;  // the old one's rows come
    Salvage salvage(std::move(*old), *database);
    if (auto r = salvage.run(); !r) return r;
    if (auto r = keep_identity(*database, paths.directory, files); !r) return r;
    salvaged.rows = salvage.rows();
    salvaged.damaged_pages = salvage.damaged_pages();
    return transaction->commit();
}

Result<> sync_file(const std::string& path, FileSystem& files) {
    auto file = files.open(path, OpenMode::write);
    if (!file) return failure(std::move(file));
    return (*file)->sync();
}

// One is kept: they are as large as the database was.
Result<std::string> set_aside(const Paths& paths, FileSystem& files) {
    if (auto r = files.make_directories(paths.aside); !r) return failure(std::move(r));
    std::uint64_t number = 1;
    if (auto names = files.list(paths.aside)) {
        for (const std::string& name : *names) {
            if (!name.starts_with(kAsidePrefix) || !name.ends_with(".db")) continue;
            std::uint64_t before = 0;
            std::from_chars(name.data() + kAsidePrefix.size(), name.data() + name.size(), before);
            number = std::max(number, before + 1);
            if (auto r = files.remove(paths.aside + "/" + name); !r) return failure(std::move(r));
        }
    }
    std::string kept = fmt::format("{}/{}{}.db", paths.aside, kAsidePrefix, number);
    if (auto r = files.rename(paths.database, kept); !r) return failure(std::move(r));
    if (auto r = files.sync_directory(paths.aside); !r) return failure(std::move(r));
    return kept;
}

// The log is in the new file already, and must not meet it.
Result<> put_in_place(const Paths& paths, FileSystem& files) {
    for (const char* suffix : {"-wal", "-shm", "-journal"}) {
        if (auto r = remove_if_there(paths.database + suffix, files); !r) return r;
    }
    if (auto r = files.sync_directory(paths.directory); !r) return r;
    if (auto r = files.rename(paths.made, paths.database); !r) return r;
    return files.sync_directory(paths.directory);
}

}  // namespace

Result<> check_database_header(const std::string& path, FileSystem& files) {
    auto file = PageFile::open(path, files);
    if (!file && file.error().kind == ErrorKind::not_found) return {};
    if (!file) return failure(std::move(file));
    // One that a crash interrupted before it had a log: SQLite itself puts it right.
    if (file->size() == 0 || exists(path + "-journal", files)) return {};
    const std::string_view page = file->page(1);
    if (page.empty()) return failure(ErrorKind::corrupt, "the first page of pomiar.db cannot be read");
    const auto is = [&](std::size_t at, std::string_view bytes) { return page.substr(at, bytes.size()) == bytes; };
    using namespace std::string_view_literals;
    const bool same_versions = is(18, "\1\1"sv) || is(18, "\2\2"sv);
    const bool known_size = is(16, "\4\0"sv) || is(16, "\x10\0"sv);
    const bool empty = is(44, "\0\0\0\0"sv) && is(56, "\0\0\0\0"sv);  // without a table yet
    const bool right = is(0, "SQLite format 3\0"sv) && known_size && same_versions && is(20, "\0\x40\x20\x20"sv) &&
                       (empty || (is(44, "\0\0\0\4"sv) && is(56, "\0\0\0\1"sv))) && !is(52, "\0\0\0\0"sv) &&
                       is(64, "\0\0\0\1"sv);
    if (!right) return failure(ErrorKind::corrupt, "the header of pomiar.db is damaged");
    return {};
}

Result<> finish_salvage(const std::string& directory, FileSystem& files) {
    const Paths paths(directory);
    if (!exists(paths.made, files)) return {};
    // Only a whole one is waiting for its place while the old one has left it.
    if (!exists(paths.database, files)) return put_in_place(paths, files);
    return remove_if_there(paths.made, files);
}

Result<Salvaged> salvage_database(const std::string& directory, FileSystem& files) {
    const Paths paths(directory);
    if (auto r = remove_if_there(paths.made, files); !r) return failure(std::move(r));
    Salvaged salvaged;
    auto made = fill(paths, files, salvaged);
    if (made) made = sync_file(paths.made, files);
    if (made) made = files.sync_directory(directory);
    if (!made) {
        (void)files.remove(paths.made);  // the first error is the one to tell
        return failure(std::move(made));
    }
    if (salvaged.damaged_pages != 0) {
        auto kept = set_aside(paths, files);
        if (!kept) return failure(std::move(kept));
        salvaged.kept_as = std::move(*kept);
    }
    if (auto r = put_in_place(paths, files); !r) return failure(std::move(r));
    return salvaged;
}

}  // namespace pomiar::storage
