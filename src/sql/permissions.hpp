// What statements of `pomiar sql` may do, and what a statement was found to do while SQLite compiled it.
// Thread: that of the connection.
#pragma once

#include <string>

#include "sql/sqlite.hpp"

namespace pomiar::sql {

class Permissions {
  public:
    // From now on the connection asks *this, which must outlive it.
    void watch(sqlite3* connection);

    // Before each statement.
    void forget();
    // Why the statement was refused; empty, when it was not.
    const std::string& refusal() const { return refusal_; }
    bool is_delete() const { return is_delete_; }
    // What a DELETE removes depends on nothing but the row it looks at: no other select, no chance.
    bool decides_by_row() const { return !has_select_ && !is_random_; }

  private:
    static int ask(void* self, int action, const char* first, const char* second, const char* schema,
                   const char* trigger);
    int decide(int action, const char* first, const char* second);

    std::string refusal_;
    bool is_delete_ = false;
    bool has_select_ = false;
    bool is_random_ = false;
};

}  // namespace pomiar::sql
