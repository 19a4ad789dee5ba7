// Makes values of ground terms.
#include "plan/constant.hpp"

#include <vector>

#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::plan {

using syntax::Term;
using syntax::TermKind;

Value constant_value(const Term& term, Arena& arena) {
  std::vector<Value> items;
  auto collect = [&] {
    for (const Term* item : term.items) items.push_back(constant_value(*item, arena));
  };
  switch (term.kind) {
    case TermKind::null_value:
      return Value::null();
    case TermKind::boolean:
      return Value::boolean(term.flag);
    case TermKind::number:
      return make_number(arena, term.text);
    case TermKind::string:
      return make_string(arena, term.text);
    case TermKind::array:
      collect();
      return make_array(arena, items.data(), items.size());
    case TermKind::set:
      collect();
      return make_set(arena, items.data(), items.size());
    case TermKind::object: {
      collect();
      Member* members = arena.allocate<Member>(items.size() / 2);
      for (std::size_t i = 0; i < items.size(); i += 2) members[i / 2] = {items[i], items[i + 1]};
      return make_unique_object(arena, members, items.size() / 2, Duplicates::first_key_last_value);
    }
    default:
      return Value();
  }
}

}  // namespace lictor::plan
