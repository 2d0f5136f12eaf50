// Readings in and out: compressed files, pages of text, and the same through a running server's socket.
#include <bit>
#include <fstream>
#include <limits>
#include <thread>

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "cli/readings/control_protocol.hpp"
#include "cli/readings/control_routes.hpp"
#include "cli/readings/gateway.hpp"
#include "cli/readings/input.hpp"
#include "http/server.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::cli {
namespace {

using storage::Batch;
using storage::Value;

std::string gzip(std::string_view text) {
    std::string out(compressBound(text.size()) + 64, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

class InputTest : public testing::Test {
  protected:
    Result<std::string> read(const std::string& bytes, std::size_t part = 1000) {
        const std::string path = directory_.path() + "/file";
        std::ofstream(path, std::ios::binary) << bytes;
        auto input = Input::open(path);
        if (!input) return failure(std::move(input));
        EXPECT_EQ((*input)->bytes_total(), bytes.size());
        std::string out;
        for (;;) {
            const std::size_t before = out.size();
            out.resize(before + part);
            auto count = (*input)->read(out.data() + before, part);
            if (!count) return failure(std::move(count));
            out.resize(before + *count);
            if (*count < part) break;
        }
        EXPECT_EQ((*input)->bytes_read(), bytes.size());
        return out;
    }

    const test::TemporaryDirectory directory_;
    const std::string text_ = [] {
        std::string text;
        for (int i = 0; i < 30'000; ++i) text += "house value=" + std::to_string(i * 7919 % 1000) + "\n";
        return text;
    }();
};

TEST_F(InputTest, ReadsEveryForm) {
    for (const std::size_t part : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20}) {
        const std::string text = part == 1 ? text_.substr(0, 5000) : text_;
        EXPECT_EQ(read(text, part), text);
        EXPECT_EQ(read(gzip(text), part), text);
        EXPECT_EQ(read(gzip(text) + gzip("more"), part), text + "more");
        EXPECT_EQ(read(zstd(text), part), text);
        EXPECT_EQ(read(zstd(text) + zstd("more"), part), text + "more");
    }
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read("\x1f"), "\x1f");
}

TEST_F(InputTest, SaysWhatIsDamaged) {
    for (std::string bytes : {gzip(text_), zstd(text_)}) {
        const auto cut = read(bytes.substr(0, bytes.size() - 9));
        ASSERT_FALSE(cut);
        EXPECT_EQ(cut.error().kind, ErrorKind::corrupt) << cut.error().message;
        bytes.replace(bytes.size() / 2, 40, 40, '\x5a');
        const auto wrong = read(bytes);
        ASSERT_FALSE(wrong);
        EXPECT_EQ(wrong.error().kind, ErrorKind::corrupt) << wrong.error().message;
    }
    EXPECT_EQ(Input::open("/nowhere").error().kind, ErrorKind::not_found);
    const auto directory = Input::open("/");
    EXPECT_FALSE(directory);
}

TEST(ControlProtocol, ComesBackFromItsText) {
    const std::vector<storage::Refusal> refusals = {{1, ErrorKind::conflict, "a\tb"}, {7, ErrorKind::full, ""}};
    const auto again = parse_refusals(refusals_text(refusals));
    ASSERT_TRUE(again);
    ASSERT_EQ(again->size(), 2u);
    EXPECT_EQ((*again)[0].message, "a\tb");
    EXPECT_EQ((*again)[1].origin, 7u);
    EXPECT_EQ((*again)[1].kind, ErrorKind::full);
    for (const char* wrong : {"x", "1\t2", "1\t99\tx", "-1\t1\tx"}) EXPECT_FALSE(parse_refusals(wrong)) << wrong;
}

TEST(ControlProtocol, RefusesStrangeQueries) {
    EXPECT_TRUE(parse_export_query({{"sensor", "a"}, {"from", "-5"}, {"series", "7"}, {"format", "lp"}}));
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"from", "x"}, {"series", "-1"}, {"series", "4294967296"}, {"format", "xml"}, {"colour", "blue"}};
    for (const auto& pair : wrong) EXPECT_FALSE(parse_export_query({pair})) << pair.first;
}

void append_line(std::string& out, std::string_view field, Nanoseconds time, const Value& value) {
    const auto writer = query::ReadingWriter::create(query::ReadingFormat::line_protocol, "a,b=c", field);
    ASSERT_TRUE(writer && writer->append(out, time, value));
}

// The same story through the store itself and through a server's socket.
class GatewayTest : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        Configuration configuration;
        configuration.storage.path = directory_.path();
        configuration.storage.max_series = 1000;
        configuration.storage.cache = 1 << 20;
        configuration.memory.limit = 48u << 20;
        if (GetParam()) start_server(configuration);
        auto opened = open_gateway(configuration, IfMissing::create);
        ASSERT_TRUE(opened) << opened.error().message;
        gateway_ = std::move(*opened);
    }
    void TearDown() override {
        gateway_.reset();
        if (!thread_.joinable()) return;
        loop_.post([this] { server_->stop([this] { loop_.stop(); }); });
        thread_.join();
    }

    void start_server(const Configuration& configuration) {
        auto opened = storage::Store::open(store_options(configuration), real_file_system(), clock_);
        ASSERT_TRUE(opened);
        store_ = std::move(*opened);
        add_control_routes(router_, *store_, loop_);
        router_.get("/healthz", [](http::Request&) -> Task<http::Response> { co_return http::Response::text("ok"); });
        server_ = std::make_unique<http::Server>(loop_, clock_);
        const auto bound =
            server_->listen({.address = "unix:" + control_socket_path(directory_.path()), .router = &router_});
        ASSERT_TRUE(bound) << bound.error().message;
        thread_ = std::thread([this] { loop_.run(); });
    }

    std::string all(ExportRequest request = {
                        .sensor = "", .field = "", .format = query::ReadingFormat::line_protocol}) {
        std::string text;
        for (bool more = true; more; ++pages_) {
            auto page = gateway_->page(request);
            if (!page) {
                ADD_FAILURE() << page.error().message;
                return text;
            }
            text += page->text;
            more = page->more;
            request.series = page->series;
            request.after = page->after;
        }
        return text;
    }

    const test::TemporaryDirectory directory_;
    SystemClock clock_;
    http::Loop loop_;
    std::unique_ptr<storage::Store> store_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;
    std::thread thread_;
    std::unique_ptr<Gateway> gateway_;
    int pages_ = 0;
};

TEST_P(GatewayTest, WhatGoesInComesOut) {
    Batch batch;
    const auto first = batch.add_series("a,b=c", "f");
    const auto second = batch.add_series("a,b=c", "g h");
    std::string expected_first;
    std::string expected_second;
    for (int i = 0; i < 60'000; ++i) {
        const Value number = i % 2 == 0 ? Value::of(i * 0.1) : Value::of(std::int64_t{i});
        batch.add(first, i * kSecond, number, static_cast<std::uint32_t>(i + 1));
        append_line(expected_first, "f", i * kSecond, number);
    }
    const std::string text = "two\nlines \"quoted\"";
    batch.add(second, -5, Value::of(std::string_view(text)), 60'001);
    append_line(expected_second, "g h", -5, Value::of(std::string_view(text)));
    const auto outcome = gateway_->append(std::move(batch));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->stored, 60'001u);
    EXPECT_TRUE(all() == expected_first + expected_second);
    EXPECT_GT(pages_, 2);
    EXPECT_TRUE(all({.sensor = "a,b=c", .field = "g h", .format = query::ReadingFormat::line_protocol}) ==
                expected_second);
    EXPECT_EQ(all({.sensor = "a", .field = "", .format = query::ReadingFormat::line_protocol}), "");
    EXPECT_EQ(all({.sensor = "",
                   .field = "f",
                   .range = {.from = 0, .to = kSecond},
                   .format = query::ReadingFormat::line_protocol}),
              "a,b=c f=0 0\n");
}

TEST_P(GatewayTest, TellsWhichReadingsWereRefused) {
    Batch batch;
    const auto series = batch.add_series("a", "f");
    batch.add(series, 1, Value::of(1.5), 10);
    ASSERT_TRUE(gateway_->append(std::move(batch)));
    Batch mixed;
    const auto again = mixed.add_series("a", "f");
    const auto other = mixed.add_series("b", "f");
    mixed.add(other, 1, Value::of(1.5), 20);
    mixed.add(again, 2, Value::of(std::string_view("text")), 30);
    mixed.add(again, 3, Value::of(2.5), 40);
    const auto outcome = gateway_->append(std::move(mixed));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->stored, 2u);
    ASSERT_EQ(outcome->refused.size(), 1u);
    EXPECT_EQ(outcome->refused[0].origin, 30u);
    EXPECT_EQ(outcome->refused[0].kind, ErrorKind::conflict);
    EXPECT_EQ(all(), "a f=1.5 1\na f=2.5 3\nb f=1.5 1\n");
}

// The server counts lines, of which a text may have many.
TEST_P(GatewayTest, TellsWhichReadingsWereRefusedAmongTextsOfManyLines) {
    Batch numbers;
    numbers.add(numbers.add_series("a", "f"), 1, Value::of(1.5), 10);
    ASSERT_TRUE(gateway_->append(std::move(numbers)));
    Batch mixed;
    const auto number = mixed.add_series("a", "f");
    const auto note = mixed.add_series("a", "note");
    const auto text = Value::of(std::string_view("three\nlines\n\"of text\""));
    mixed.add(note, 1, text, 20);
    mixed.add(number, 2, text, 30);
    mixed.add(note, 2, text, 40);
    mixed.add(number, 3, Value::of(2.5), 50);
    mixed.add(number, 4, text, 60);
    const auto outcome = gateway_->append(std::move(mixed));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->stored, 3u);
    ASSERT_EQ(outcome->refused.size(), 2u);
    EXPECT_EQ(outcome->refused[0].origin, 30u);
    EXPECT_EQ(outcome->refused[1].origin, 60u);
}

TEST_P(GatewayTest, WhatIsNotFiniteGoesInToo) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    Batch batch;
    const auto number = batch.add_series("a,b=c", "f");
    const auto note = batch.add_series("a,b=c", "note");
    batch.add(number, 1, Value::of(1.5), 10);
    batch.add(note, 1, Value::of(std::string_view("two\nlines, \"quoted\"")), 15);
    batch.add(number, 2, Value::of(kInfinity), 20);
    batch.add(number, 3, Value::of(std::string_view("text")), 30);
    batch.add(number, 4, Value::of(std::bit_cast<double>(0x7ff8'0000'0000'0001)), 40);
    batch.add(number, 5, Value::of(std::int64_t{7}), 50);
    const auto outcome = gateway_->append(std::move(batch));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->stored, 5u);
    ASSERT_EQ(outcome->refused.size(), 1u);
    EXPECT_EQ(outcome->refused[0].origin, 30u);
    EXPECT_EQ(all({.sensor = "", .field = "f", .format = query::ReadingFormat::csv}),
              "1970-01-01T00:00:00.000000001Z,\"a,b=c\",f,1.5,float\n"
              "1970-01-01T00:00:00.000000002Z,\"a,b=c\",f,inf,float\n"
              "1970-01-01T00:00:00.000000004Z,\"a,b=c\",f,nan:7ff8000000000001,float\n"
              "1970-01-01T00:00:00.000000005Z,\"a,b=c\",f,7,int\n");
}

INSTANTIATE_TEST_SUITE_P(Ways, GatewayTest, testing::Bool(),
                         [](const auto& one) { return one.param ? "ThroughTheServer" : "Direct"; });

TEST(Gateway, NeedsADirectoryToReadFrom) {
    Configuration configuration;
    configuration.storage.path = "/nowhere/at/all";
    const auto opened = open_gateway(configuration, IfMissing::fail);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace pomiar::cli
