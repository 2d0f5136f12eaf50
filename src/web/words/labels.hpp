// What the owner calls sensors and fields, where that differs from what their names tell. The format is described in
// docs/formats/labels.md.
// Thread: any; a LabelBook's set() waits for the card.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.hpp"

namespace pomiar::web {

inline constexpr std::size_t kLabelCharactersMax = 60;  // of a title or group
inline constexpr std::size_t kUnitCharactersMax = 12;
inline constexpr int kDecimalsMax = 6;
inline constexpr int kAsNeeded = -1;
inline constexpr int kPlaceMax = 9999;
inline constexpr std::size_t kLabelledSensorsMax = 2'000;
inline constexpr std::size_t kLabelledFieldsMax = 100;  // of one sensor
inline constexpr std::size_t kLabelFileBytesMax = 1u << 20;

struct FieldLabel {
    std::string title = {};  // "": as guessed
    std::optional<std::string> unit = {};
    std::optional<int> decimals = {};  // kAsNeeded: as many as it takes, though a count is guessed
    bool hidden = false;

    bool operator==(const FieldLabel&) const = default;
};

struct SensorLabel {
    std::string title = {};  // "": as guessed, as those below
    std::string group = {};
    std::string icon = {};
    std::optional<int> place = {};  // in its group: lower ones first, those without last
    bool hidden = false;            // from the overview
    std::map<std::string, FieldLabel, std::less<>> fields = {};

    const FieldLabel* find(std::string_view field) const;
    bool operator==(const SensorLabel&) const = default;
};

using Labels = std::map<std::string, SensorLabel, std::less<>>;  // by the sensor's canonical text

const SensorLabel* find(const Labels& labels, std::string_view sensor);

// Errors: invalid, names the part that is too long, no UTF-8, or out of its range.
Result<> check_label(const SensorLabel& label);
std::string to_json(const Labels& labels);
// Errors: corrupt, says where.
Result<Labels> labels_from_json(std::string_view text);

// labels.json in the data directory, and its content for every page.
class LabelBook {
  public:
    // Forgets with the process.
    LabelBook() = default;
    LabelBook(FileSystem& files, const std::string& directory) : files_(&files), path_(directory + "/labels.json") {}
    LabelBook(const LabelBook&) = delete;
    LabelBook& operator=(const LabelBook&) = delete;
    ~LabelBook() = default;

    // Errors: corrupt, io. What was known before stays in force; a damaged file is put aside as labels.json.damaged by
    // the first change.
    Result<> load();
    std::shared_ptr<const Labels> current() const;
    std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }  // another after each change
    // An empty label takes it away. Errors: those of check_label, full (kLabelledSensorsMax), io.
    Result<> set(const std::string& sensor, SensorLabel label);

  private:
    void take(Labels labels);

    FileSystem* files_ = nullptr;
    std::string path_;
    std::mutex changing_;
    bool is_damaged_ = false;   // the file; guarded by changing_
    mutable std::mutex mutex_;  // guards labels_
    std::shared_ptr<const Labels> labels_ = std::make_shared<Labels>();
    std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace pomiar::web
