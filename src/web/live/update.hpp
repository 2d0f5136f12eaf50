// The latest value of one series on its way to open pages, and the JSON that tells it. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/snapshot.hpp"

namespace pomiar::web {

struct Update {
    storage::SeriesId series = 0;
    std::string sensor;
    std::string field;
    storage::Latest latest;  // a text is as pages show it, see shown_text()
};

// {"sensors":[{"sensor":…,"fields":{"temperature":{"time":1795456800000,"value":21.4,"text":"21.4"}}}]}
std::string updates_as_json(std::vector<Update> updates);

// What it adds to the above at most: as much as when it is the only one of its sensor.
std::size_t json_bytes(const Update& update);

// What a page shows of a text, in a few hundred bytes whatever it is: no more of it is kept or sent.
std::string shown_text(std::string_view text);

}  // namespace pomiar::web
