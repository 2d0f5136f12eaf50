#include "sql/answer_format.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "query/reading_format.hpp"

namespace pomiar::sql {
namespace {

constexpr std::size_t kTableRowsMeasured = 100;
constexpr std::size_t kTableBytesMeasured = 256u << 10;

// As SQL writes it: 21.0 is no integer.
void append_real(std::string& out, double number) {
    if (std::isinf(number)) {
        out += number < 0 ? "-Inf" : "Inf";
        return;
    }
    const std::size_t start = out.size();
    append_double(out, number);
    if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

void append_blob(std::string& out, std::string_view bytes) {
    out += "X'";
    for (const char byte : bytes) out += fmt::format("{:02X}", static_cast<unsigned char>(byte));
    out += '\'';
}

std::string plain_text(const Cell& cell) {
    std::string text;
    switch (cell.kind) {
        case Cell::Kind::null:
            break;
        case Cell::Kind::integer:
            text = fmt::format_int(cell.integer).str();
            break;
        case Cell::Kind::real:
            append_real(text, cell.real);
            break;
        case Cell::Kind::text:
            text = cell.bytes;
            break;
        case Cell::Kind::blob:
            append_blob(text, cell.bytes);
            break;
    }
    return text;
}

class ListWriter final : public AnswerVisitor {
  public:
    explicit ListWriter(std::string& out) : out_(out) {}
    Result<> begin(const std::vector<std::string>&) override { return {}; }
    Result<> row(std::span<const Cell> cells) override {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) out_ += '|';
            out_ += plain_text(cells[i]);
        }
        out_ += '\n';
        return {};
    }
    Result<> end() override { return {}; }

  private:
    std::string& out_;
};

class CsvWriter final : public AnswerVisitor {
  public:
    explicit CsvWriter(std::string& out) : out_(out) {}
    Result<> begin(const std::vector<std::string>& columns) override {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) out_ += ',';
            query::append_csv_cell(out_, columns[i]);
        }
        out_ += '\n';
        return {};
    }
    Result<> row(std::span<const Cell> cells) override {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) out_ += ',';
            query::append_csv_cell(out_, plain_text(cells[i]));
        }
        out_ += '\n';
        return {};
    }
    Result<> end() override { return {}; }

  private:
    std::string& out_;
};

// An array of objects, one a line.
class JsonWriter final : public AnswerVisitor {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}
    Result<> begin(const std::vector<std::string>& columns) override {
        names_.clear();
        for (const auto& column : columns) {
            std::string name = names_.empty() ? "{" : ",";
            query::append_json_text(name, column);
            names_.push_back(name + ':');
        }
        is_first_ = true;
        out_ += '[';
        return {};
    }
    Result<> row(std::span<const Cell> cells) override {
        if (!is_first_) out_ += ",\n";
        is_first_ = false;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            out_ += names_[i];
            append(cells[i]);
        }
        out_ += '}';
        return {};
    }
    Result<> end() override {
        out_ += "]\n";
        return {};
    }

  private:
    void append(const Cell& cell) {
        if (cell.kind == Cell::Kind::null) {
            out_ += "null";
        } else if (cell.kind == Cell::Kind::integer) {
            out_ += plain_text(cell);
        } else if (cell.kind == Cell::Kind::real && std::isinf(cell.real)) {
            out_ += cell.real < 0 ? "-1e999" : "1e999";  // JSON has no word for it; this is read as one
        } else if (cell.kind == Cell::Kind::real) {
            append_real(out_, cell.real);
        } else {
            const std::string text = plain_text(cell);
            query::append_json_text(out_, is_utf8(text) ? text : "?");
        }
    }

    std::string& out_;
    std::vector<std::string> names_;
    bool is_first_ = true;
};

// What a terminal would obey is shown instead.
std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out;
}

// In characters, not bytes.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

class TableWriter final : public AnswerVisitor {
  public:
    explicit TableWriter(std::string& out) : out_(out) {}

    Result<> begin(const std::vector<std::string>& columns) override {
        rows_ = {columns};
        bytes_ = 0;
        widths_.clear();
        is_measured_ = false;
        return {};
    }
    Result<> row(std::span<const Cell> cells) override {
        std::vector<std::string> texts;
        texts.reserve(cells.size());
        for (const Cell& cell : cells) {
            texts.push_back(printable(plain_text(cell)));
            bytes_ += texts.back().size();
        }
        if (is_measured_) {
            write(texts);
            return {};
        }
        rows_.push_back(std::move(texts));
        if (rows_.size() > kTableRowsMeasured || bytes_ > kTableBytesMeasured) measure();
        return {};
    }
    Result<> end() override {
        if (!is_measured_) measure();
        return {};
    }

  private:
    void measure() {
        is_measured_ = true;
        widths_.assign(rows_.front().size(), 0);
        for (const auto& row : rows_) {
            for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], width_of(row[i]));
        }
        std::vector<std::string> line;
        line.reserve(widths_.size());
        for (const std::size_t width : widths_) line.emplace_back(width, '-');
        rows_.insert(rows_.begin() + 1, std::move(line));
        for (const auto& row : rows_) write(row);
        rows_.clear();
    }
    void write(const std::vector<std::string>& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out_ += row[i];
            const std::size_t width = width_of(row[i]);
            if (i + 1 < row.size()) out_.append(width < widths_[i] ? widths_[i] - width + 2 : 2, ' ');
        }
        out_ += '\n';
    }

    std::string& out_;
    std::vector<std::vector<std::string>> rows_;  // until they are measured
    std::size_t bytes_ = 0;
    std::vector<std::size_t> widths_;
    bool is_measured_ = false;
};

}  // namespace

std::optional<AnswerFormat> parse_answer_format(std::string_view name) {
    if (name == "list") return AnswerFormat::list;
    if (name == "table") return AnswerFormat::table;
    if (name == "csv") return AnswerFormat::csv;
    if (name == "json") return AnswerFormat::json;
    return std::nullopt;
}

std::unique_ptr<AnswerVisitor> answer_writer(AnswerFormat format, std::string& out) {
    switch (format) {
        case AnswerFormat::list:
            return std::make_unique<ListWriter>(out);
        case AnswerFormat::table:
            return std::make_unique<TableWriter>(out);
        case AnswerFormat::csv:
            return std::make_unique<CsvWriter>(out);
        case AnswerFormat::json:
            return std::make_unique<JsonWriter>(out);
    }
    return nullptr;
}

}  // namespace pomiar::sql
