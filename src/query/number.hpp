// Arithmetic over values that are doubles, signed or unsigned integers mixed freely, exact where a double is not.
// Booleans count as 0 and 1. Pure functions.
#pragma once

#include <cmath>

#include "storage/value.hpp"

namespace pomiar::query {

// Neither may be NaN or a text.
bool less(const storage::Value& a, const storage::Value& b);

// later - earlier, rounded once.
double difference(const storage::Value& later, const storage::Value& earlier);

inline bool is_nan(const storage::Value& value) {
    return value.kind == storage::ValueKind::float64 && std::isnan(value.as_double());
}

// Compensated sum after Neumaier (ZAMM 54, 1974): its error does not grow with the number of terms.
class Sum {
  public:
    void add(double term) {
        const double next = sum_ + term;
        lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
        sum_ = next;
    }
    void add(const Sum& other) {
        add(other.sum_);
        lost_ += other.lost_;
    }
    // Past the range of a double the compensation is NaN, and the plain sum says it all.
    double value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

  private:
    double sum_ = 0;
    double lost_ = 0;
};

}  // namespace pomiar::query
