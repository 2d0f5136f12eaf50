// What the status page shows: figures in words, and what is wrong with what to do about it. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "jinja/value.hpp"
#include "storage/store.hpp"
#include "web/api/api_status.hpp"
#include "web/pages/owner_facts.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

struct StatusFigures {
    storage::StoreStatistics store;
    std::optional<BackupState> backup;
    std::optional<FlashState> flash;
    std::uint64_t memory = 0;         // of the process, bytes (PSS); 0: not known
    double readings_each_second = 0;  // since the start
    std::uint64_t log_lines_lost = 0;
    Nanoseconds running = 0;  // since the start
    Nanoseconds now = 0;
};

// {groups: [{title, rows: [{name, value, note}]}], warnings: [{text, advice}]}
jinja::Value status_value(const StatusFigures& figures, const OwnerFacts& facts, const Language& language);

// Years that a card bears it, as docs/operating/flash.md reckons; nothing where its size or use is not known.
std::optional<double> card_years(const FlashState& flash, Nanoseconds now);

}  // namespace pomiar::web
