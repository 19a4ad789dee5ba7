// A hash table of the distinct values of the columns. Most values have one row, which stands in the
// table itself: a probe touches as little memory as can be.
#include "eval/row_table.hpp"

#include <bit>

#include "value/compare.hpp"
#include "value/hash.hpp"
#include "value/object.hpp"

namespace lictor::eval {
namespace {

constexpr std::uint32_t none = ~0u;

std::size_t first_slot(std::uint64_t hash, std::size_t slots) {
  return static_cast<std::size_t>(hash >> 20) & (slots - 1);
}

Value row_at(const Value& rows, std::uint32_t at) {
  return rows.is(Kind::object) ? sorted_members(rows)[at].value : rows.items()[at];
}

}  // namespace

/// The entries while they are gathered, in a hash table of their numbers.
class RowTable::Builder {
 public:
  explicit Builder(const RowTable& table) : table_(table), slots_(16, none) {}

  std::uint32_t entry_of(std::uint32_t row, const Value* values) {
    if (entries_.size() * 2 >= slots_.size()) grow();
    std::uint64_t hash = table_.hash_of(values);
    std::size_t slot = first_slot(hash, slots_.size());
    for (; slots_[slot] != none; slot = (slot + 1) & (slots_.size() - 1)) {
      const Entry& entry = entries_[slots_[slot]];
      if (entry.hash == hash && table_.has(entry.row, values)) return slots_[slot];
    }
    slots_[slot] = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({hash, row, 0, 0});
    return slots_[slot];
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  void grow() {
    slots_.assign(slots_.size() * 4, none);
    for (std::uint32_t at = 0; at < entries_.size(); ++at) {
      std::size_t slot = first_slot(entries_[at].hash, slots_.size());
      while (slots_[slot] != none) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = at;
    }
  }

  const RowTable& table_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;
};

RowTable::RowTable(const Value& rows, const ir::RowIndex& index) : rows_(rows) {
  for (const std::vector<std::string>& column : index.columns) {
    std::vector<Value>& path = paths_.emplace_back();
    for (const std::string& key : column) path.push_back(Value::string(key));
  }
  if (!rows.is_collection()) return;
  Builder builder(*this);
  std::vector<std::uint32_t> entry_of_row(rows.size(), none);
  std::vector<Value> values(paths_.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (!read(row, values.data())) continue;
    entry_of_row[row] = builder.entry_of(row, values.data());
    ++builder.entries()[entry_of_row[row]].count;
  }
  place_rows(builder.entries(), entry_of_row);
  slots_.assign(std::bit_ceil(builder.entries().size() * 2 + 1), Entry());
  for (const Entry& entry : builder.entries()) {
    std::size_t slot = first_slot(entry.hash, slots_.size());
    while (slots_[slot].count != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = entry;
  }
}

/// Puts the rows of entries that have several behind each other.
void RowTable::place_rows(std::vector<Entry>& entries,
                          const std::vector<std::uint32_t>& entry_of_row) {
  std::uint32_t total = 0;
  for (Entry& entry : entries) {
    entry.first = total;
    if (entry.count > 1) total += entry.count;
  }
  positions_.resize(total);
  std::vector<std::uint32_t> placed(entries.size());
  for (std::uint32_t row = 0; row < entry_of_row.size(); ++row) {
    std::uint32_t number = entry_of_row[row];
    if (number == none || entries[number].count == 1) continue;
    positions_[entries[number].first + placed[number]++] = row;
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

std::span<const std::uint32_t> RowTable::find(const Value* values) const {
  std::uint64_t hash = hash_of(values);
  std::size_t slot = first_slot(hash, slots_.size());
  for (; slots_[slot].count != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const Entry& entry = slots_[slot];
    if (entry.hash != hash || !has(entry.row, values)) continue;
    if (entry.count == 1) return {&entry.row, 1};
    return std::span(positions_).subspan(entry.first, entry.count);
  }
  return {};
}

}  // namespace lictor::eval
