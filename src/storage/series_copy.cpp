#include "storage/series_copy.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "storage/journal/frame.hpp"
#include "storage/journal/points.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kFileBytesMax = 256u << 20;  // 50,000 series with the longest of names

constexpr std::uint8_t kGroupsRecord = 6;
constexpr std::size_t kGroupsARecord = 10'000;

// From id `first` on, one varint each.
std::string groups_payload(const std::vector<GroupId>& groups, std::size_t first) {
    std::string payload;
    ByteWriter writer(payload);
    writer.fixed(kGroupsRecord);
    writer.varint(first);
    for (std::size_t i = first; i < std::min(groups.size(), first + kGroupsARecord); ++i) writer.varint(groups[i]);
    return payload;
}

bool read_groups(std::string_view payload, std::vector<GroupId>& groups) {
    ByteReader reader(payload.substr(1));
    const std::uint64_t first = reader.varint();
    if (!reader.ok() || first > groups.size() + kGroupsARecord) return false;
    groups.resize(static_cast<std::size_t>(first));
    while (reader.ok() && !reader.at_end()) groups.push_back(static_cast<GroupId>(reader.varint()));
    return reader.ok();
}

std::string path_in(const std::string& directory) {
    return directory + "/series.copy";
}

class Definitions final : public PayloadVisitor {
  public:
    Result<> series(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type) override {
        found.push_back({id, std::string(sensor), std::string(field), type});
        return {};
    }
    Result<> point(SeriesId, Nanoseconds, const Value&) override { return {}; }

    Result<> removal(const std::vector<SeriesId>&, TimeRange) override { return {}; }
    Result<> untimed(std::string_view, SeriesId, Nanoseconds, const Value&) override { return {}; }
    Result<> ahead(SeriesId, Nanoseconds, const Value&) override { return {}; }
    Result<> timed(std::string_view, Nanoseconds) override { return {}; }
    Result<> come(Nanoseconds) override { return {}; }

    std::vector<SeriesInfo> found;
};

}  // namespace

SeriesCopy read_series_copy(const std::string& directory, std::uint32_t identity, FileSystem& files) {
    const auto bytes = read_whole(files, path_in(directory), kFileBytesMax);
    if (!bytes) return {{}, {}, true};
    const std::uint64_t named = parse_segment_header(*bytes);
    if (named != 0 && named != identity) return {{}, {}, true};
    Definitions definitions;
    std::vector<GroupId> groups;
    bool damaged = named == 0;
    const auto contents = read_segment(*bytes, identity, [&](Position, std::string_view payload) {
        const bool of_groups = payload.front() == static_cast<char>(kGroupsRecord);
        if (of_groups ? !read_groups(payload, groups) : !read_payload(payload, definitions)) damaged = true;
    });
    return {std::move(definitions.found), std::move(groups), damaged || !contents.closed || !contents.damaged.empty()};
}

std::uint32_t identity_of_series_copy(const std::string& directory, FileSystem& files) {
    const auto bytes = read_whole(files, path_in(directory), kFileBytesMax);
    return bytes ? static_cast<std::uint32_t>(parse_segment_header(*bytes)) : 0;
}

Result<> write_series_copy(const std::string& directory, std::uint32_t identity, const std::vector<SeriesInfo>& series,
                           const std::vector<GroupId>& groups, FileSystem& files) {
    std::string bytes = segment_header(identity);
    std::vector<GroupId> told;
    for (const SeriesInfo& info : series) {
        if (info.sensor.empty()) continue;
        append_frame(bytes, position(identity, bytes.size()), series_payload(info));
        const GroupId group = info.id <= groups.size() ? groups[info.id - 1] : 0;
        told.resize(std::max<std::size_t>(told.size(), info.id));
        told[info.id - 1] = group != 0 ? group : info.id;
    }
    for (std::size_t first = 0; first < told.size(); first += kGroupsARecord)
        append_frame(bytes, position(identity, bytes.size()), groups_payload(told, first));
    append_frame(bytes, position(identity, bytes.size()), kEndMark);
    return write_whole(files, path_in(directory), bytes);
}

}  // namespace pomiar::storage
