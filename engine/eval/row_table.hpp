// The rows of a base document by the values of some columns: an index for joins.
// In: an array, object or set of data, and the paths of the columns within a row. Out: the
// positions of rows, ascending, among which are all that have given values there; those of an
// object count in key order. Whoever asks compares the values, as rows whose values have one hash
// are not told apart. Immutable once built; shared by threads.
#pragma once

#include <span>
#include <vector>

#include "base/arena.hpp"
#include "ir/program.hpp"

namespace lictor::eval {

class RowTable {
 public:
  struct Row {
    std::uint32_t hash;  // of the values of its columns
    std::uint32_t at;    // its position
    Value value;
  };

  /// `rows` outlives the table; rows that are no collection make it empty.
  RowTable(const Value& rows, const ir::RowIndex& index);

  /// `values` are those of the columns in turn, none undefined.
  std::span<const Row> find(const Value* values) const;

 private:
  // Most rows are alone with their hash, and stand in the table itself: a probe touches as little
  // memory as can be. For others stands there `several` with their place in lists_, and their
  // number as the value. No document is long enough for 2^31 rows with columns.
  static constexpr std::uint32_t free = ~0u, several = 1u << 31;

  void place(std::span<const Row> rows);

  std::size_t columns_;
  Arena arena_;           // of the slots, for its large pages
  std::span<Row> slots_;  // open addressing, a power of two
  std::vector<Row> lists_;
};

}  // namespace lictor::eval
