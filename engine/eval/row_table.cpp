// A hash table of the distinct values of the columns; the rows of each stand together.
#include "eval/row_table.hpp"

#include <utility>

#include "value/compare.hpp"
#include "value/hash.hpp"
#include "value/object.hpp"

namespace lictor::eval {
namespace {

constexpr std::uint32_t none = ~0u;

Value row_at(const Value& rows, std::uint32_t at) {
  return rows.is(Kind::object) ? sorted_members(rows)[at].value : rows.items()[at];
}

}  // namespace

RowTable::RowTable(const Value& rows, const ir::RowIndex& index) : rows_(rows), slots_(16, none) {
  for (const std::vector<std::string>& column : index.columns) {
    std::vector<Value>& path = paths_.emplace_back();
    for (const std::string& key : column) path.push_back(Value::string(key));
  }
  if (!rows.is_collection()) return;
  std::vector<std::uint32_t> entries(rows.size(), none);  // by row
  std::vector<Value> values(paths_.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (!read(row, values.data())) continue;
    entries[row] = entry_of(row, values.data());
    ++entries_[entries[row]].count;
  }
  std::uint32_t first = 0;
  for (Entry& entry : entries_) {
    entry.first = first;
    first += std::exchange(entry.count, 0);
  }
  positions_.resize(first);
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (entries[row] == none) continue;
    Entry& entry = entries_[entries[row]];
    positions_[entry.first + entry.count++] = row;
  }
}

/// The value of a row's column, or undefined.
Value RowTable::cell(std::uint32_t row, std::size_t column) const {
  Value out = row_at(rows_, row);
  for (const Value& key : paths_[column]) {
    if (!out.is_undefined()) out = lookup(out, key);
  }
  return out;
}

/// The values of all columns; false if the row lacks one.
bool RowTable::read(std::uint32_t row, Value* out) const {
  for (std::size_t c = 0; c < paths_.size(); ++c) {
    out[c] = cell(row, c);
    if (out[c].is_undefined()) return false;
  }
  return true;
}

bool RowTable::has(std::uint32_t row, const Value* values) const {
  for (std::size_t c = 0; c < paths_.size(); ++c) {
    if (!equal(cell(row, c), values[c])) return false;
  }
  return true;
}

std::uint64_t RowTable::hash_of(const Value* values) const {
  std::uint64_t out = 0;
  for (std::size_t c = 0; c < paths_.size(); ++c)
    out = (out ^ hash(values[c])) * 0xBF58476D1CE4E5B9u;
  return out;
}

/// Where the entry with these values stands in slots_, or would stand.
std::uint32_t RowTable::slot_of(std::uint64_t hash, const Value* values) const {
  auto mask = static_cast<std::uint32_t>(slots_.size() - 1);
  auto slot = static_cast<std::uint32_t>(hash >> 20) & mask;
  for (; slots_[slot] != none; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot]];
    if (entry.hash == hash && has(entry.row, values)) break;
  }
  return slot;
}

std::uint32_t RowTable::entry_of(std::uint32_t row, const Value* values) {
  if (entries_.size() * 2 >= slots_.size()) grow();
  std::uint64_t hash = hash_of(values);
  std::uint32_t& slot = slots_[slot_of(hash, values)];
  if (slot == none) {
    slot = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({hash, row, 0, 0});
  }
  return slot;
}

void RowTable::grow() {
  slots_.assign(slots_.size() * 4, none);
  auto mask = static_cast<std::uint32_t>(slots_.size() - 1);
  for (std::uint32_t at = 0; at < entries_.size(); ++at) {
    auto slot = static_cast<std::uint32_t>(entries_[at].hash >> 20) & mask;
    while (slots_[slot] != none) slot = (slot + 1) & mask;
    slots_[slot] = at;
  }
}

std::span<const std::uint32_t> RowTable::find(const Value* values) const {
  std::uint32_t at = slots_[slot_of(hash_of(values), values)];
  if (at == none) return {};
  const Entry& entry = entries_[at];
  return std::span(positions_).subspan(entry.first, entry.count);
}

}  // namespace lictor::eval
