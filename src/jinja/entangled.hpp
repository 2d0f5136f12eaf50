// What may come to refer to itself by way of others, as a macro does with the variables around it: counting references
// never frees such a circle. Those of one rendering stand in a row, and are taken apart at its end.
// Owns:    nothing. A thing leaves the row when it ends by itself.
// Thread:  one.
#pragma once

namespace pomiar::jinja {

class Entangled {
  public:
    class Row {
      public:
        Row() = default;
        Row(const Row&) = delete;
        Row& operator=(const Row&) = delete;
        ~Row() { take_apart(); }

        void take_apart() {
            while (first_ != nullptr) {
                Entangled* const thing = first_;
                thing->leave();
                thing->let_go();  // ends others in the row, or `thing` itself
            }
        }

      private:
        friend class Entangled;
        Entangled* first_ = nullptr;
    };

    explicit Entangled(Row& row) : row_(&row), next_(row.first_) {
        if (next_ != nullptr) next_->previous_ = this;
        row.first_ = this;
    }
    Entangled(const Entangled&) = delete;
    Entangled& operator=(const Entangled&) = delete;
    virtual ~Entangled() { leave(); }

  private:
    // Drops the values it refers to. These may hold the last reference to it: nothing of it is touched after.
    virtual void let_go() = 0;

    void leave() {
        if (row_ == nullptr) return;
        if (next_ != nullptr) next_->previous_ = previous_;
        (previous_ != nullptr ? previous_->next_ : row_->first_) = next_;
        row_ = nullptr;
    }

    Row* row_;
    Entangled* previous_ = nullptr;
    Entangled* next_;
};

}  // namespace pomiar::jinja
