// The rows of a base document by the values of some columns: an index for joins.
// In: an array, object or set, and the paths of the columns within a row. Out: the positions of
// rows by those values, ascending; those of an object count in key order.
#pragma once

#include "ir/program.hpp"
#include "value/key_table.hpp"

namespace lictor::eval {

/// `rows` and `arena` outlive the table; rows that are no collection make it empty.
KeyTable make_row_table(Arena& arena, const Value& rows, const ir::RowIndex& index);

/// True if the row at a position has those values in the columns: the table would have it.
bool has_columns(const Value& rows, std::uint32_t at, const ir::RowIndex& index,
                 const Value* values);

}  // namespace lictor::eval
