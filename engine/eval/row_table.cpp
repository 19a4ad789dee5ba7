// A row has what its refs find in it, also where `with` has put sets in its place.
#include "eval/row_table.hpp"

#include <vector>

#include "value/compare.hpp"
#include "value/object.hpp"

namespace lictor::eval {
namespace {

Value row_at(const Value& rows, std::uint32_t at) {
  return rows.is(Kind::object) ? sorted_members(rows)[at].value : rows.items()[at];
}

/// Undefined where the row has no such column.
Value column_of(const Value& row, const std::vector<std::string>& path) {
  const Value* out = &row;
  for (const std::string& part : path) {
    out = find(*out, Value::string(part));
    if (out == nullptr) return Value();
  }
  return *out;
}

}  // namespace

KeyTable make_row_table(Arena& arena, const Value& rows, const ir::RowIndex& index) {
  std::vector<Value> keys;
  std::vector<std::uint32_t> positions;
  for (std::uint32_t at = 0; rows.is_collection() && at < rows.size(); ++at) {
    Value row = row_at(rows, at);
    std::size_t before = keys.size();
    for (const auto& path : index.columns) {
      Value value = column_of(row, path);
      if (value.is_undefined()) break;
      keys.push_back(value);
    }
    if (keys.size() == before + index.columns.size())
      positions.push_back(at);
    else
      keys.resize(before);
  }
  return {arena, index.columns.size(), keys, positions};
}

bool has_columns(const Value& rows, std::uint32_t at, const ir::RowIndex& index,
                 const Value* values) {
  Value row = row_at(rows, at);
  for (const auto& path : index.columns) {
    Value value = column_of(row, path);
    if (value.is_undefined() || !equal(value, *values++)) return false;
  }
  return true;
}

}  // namespace lictor::eval
