// Loops over what is known while planning → their turns, one behind another. In
//
//   some field, allowed in requirements[band]
//   not input.qos[field] in allowed
//
// all of requirements have the same few keys: so each turn knows its key, input.qos.consistency is
// a slot of the input like any other, and what is made of keys alone is made ahead. What follows a
// loop is planned once for each turn, so there are few of them.
#include <algorithm>

#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

constexpr std::size_t most_turns = 4, most_copies = 8;
constexpr std::size_t most_alike = 64;  // members that are compared with each other

bool are_few(const Value& members) { return members.size() != 0 && members.size() <= most_turns; }

bool has_keys_of(const Value& a, const Value& b) {
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  for (std::uint32_t i = 0; a.is(Kind::object) && i < a.size(); ++i) {
    const Value key = object_member(a, i).key;
    // What spells a key otherwise prints otherwise.
    if (!key.is(Kind::string) || !equal(key, object_member(b, i).key)) return false;
  }
  return true;
}

Value value_at(const Value& collection, std::uint32_t at) {
  return collection.is(Kind::object) ? object_member(collection, at).value : collection.items()[at];
}

}  // namespace

/// Notes what is known of a value that was found in a constant.
void FunctionPlanner::note_member_of(Operand collection, Operand found) {
  const Value* constant = planner_.constant_at(collection);
  if (!planner_.options().optimize || constant == nullptr) return;
  const Value whole = *constant;
  if (!whole.is(Kind::object) && !whole.is(Kind::array)) return;
  if (whole.size() == 0 || whole.size() > most_alike) return;
  const Value first = value_at(whole, 0);
  if ((!first.is(Kind::object) && !first.is(Kind::array)) || !are_few(first)) return;
  for (std::uint32_t i = 1; i < whole.size(); ++i) {
    if (!has_keys_of(first, value_at(whole, i))) return;
  }
  alike_[found] = first;
}

/// The collection, or one that has the same keys, if each turn of a loop over it shall be planned.
std::optional<Value> FunctionPlanner::known_turns(Operand collection) const {
  if (!planner_.options().optimize) return std::nullopt;
  Value out;
  if (const Value* constant = planner_.constant_at(collection))
    out = *constant;
  else if (auto known = alike_.find(collection); known != alike_.end())
    out = known->second;
  bool planned = out.is_collection() && are_few(out) && out.size() * copies_ <= most_copies;
  return planned ? std::optional(out) : std::nullopt;
}

void FunctionPlanner::unrolled(Operand collection, const Value& known,
                               const FunctionRef<void(Operand, Operand)>& next) {
  bool constant = ir::bank_of(collection) == Bank::constant;
  Label behind = new_label();
  std::uint32_t mark = registers_;
  const auto early = early_;
  copies_ *= known.size();
  ++loop_depth_;
  ++loops_;
  for (std::uint32_t i = 0; i < known.size(); ++i) {
    registers_ = mark;
    early_ = early;
    closure([&] {
      Value key = known.is(Kind::object)  ? object_member(known, i).key
                  : known.is(Kind::array) ? Value::integer(i)
                                          : known.items()[i];
      Operand value = constant ? planner_.constant(value_at(known, i)) : new_register();
      if (!constant) emit(Opcode::item, value, collection, 0, i);
      next(planner_.constant(key), value);
      jump(behind);
    });
  }
  --loop_depth_;
  copies_ /= known.size();
  jump_fail();
  bind(behind);
}

}  // namespace lictor::plan
