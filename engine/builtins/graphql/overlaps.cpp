// Each selection set is collected once, so that compared pairs are recognized by identity. This
// also ends the comparison of fragments that contain themselves.
#include "builtins/graphql/overlaps.hpp"

#include <algorithm>

namespace lictor::builtins::graphql {
namespace {

/// The budget that a remembered pair costs, because it takes memory.
constexpr std::uint64_t pair_cost = 15;

std::string_view response_name(const Field& field) {
  return field.alias.empty() ? field.name : field.alias;
}

/// True if no value can have both fields: they are of different object types.
bool are_exclusive(const Field& a, const Field& b) {
  return a.parent->name != b.parent->name && a.parent->kind == kinds::object &&
         b.parent->kind == kinds::object && a.definition && b.definition;
}

std::vector<Ref<ChildValue>> in_order(const Literal& value) {
  std::vector<Ref<ChildValue>> out(value.children.begin(), value.children.end());
  if (value.kind == object_value) {
    std::stable_sort(out.begin(), out.end(), [](auto& a, auto& b) { return a->name < b->name; });
  }
  return out;
}

}  // namespace

const OverlapChecker::Group* OverlapChecker::Collected::find(std::string_view name) const {
  auto place = places.find(name);
  return place == places.end() ? nullptr : &groups[place->second];
}

std::string OverlapChecker::Conflict::text() const {
  if (inner.empty()) return reason;
  std::string out;
  for (const Conflict& conflict : inner) {
    if (!out.empty()) out += " and ";
    out += join("subfields \"", conflict.name, "\" conflict because ", conflict.text());
  }
  return out;
}

void OverlapChecker::check(const SelectionSet& selections) {
  if (selections.empty()) return;
  const Collected& fields = collect(selections);
  Conflicts conflicts;
  within(conflicts, fields);
  for (std::size_t i = 0; i < fields.spreads.size(); ++i) {
    with_fragment(conflicts, false, fields, *fields.spreads[i]);
    for (std::size_t j = i + 1; j < fields.spreads.size(); ++j)
      between_fragments(conflicts, false, *fields.spreads[i], *fields.spreads[j]);
  }
  for (const Conflict& conflict : conflicts) {
    validation_.report(conflict.position,
                       join("Fields \"", conflict.name, "\" conflict because ", conflict.text(),
                            ". Use different aliases on the fields to fetch both if this was "
                            "intentional."));
  }
}

const OverlapChecker::Collected& OverlapChecker::collect(const SelectionSet& selections) {
  const Selection* key = selections.empty() ? nullptr : selections.items;
  std::unique_ptr<Collected>& out = collected_[key];
  if (!out) {
    out = std::make_unique<Collected>();
    collect_into(*out, selections);
  }
  return *out;
}

void OverlapChecker::collect_into(Collected& out, const SelectionSet& selections) {
  Level level(depth_);
  validation_.budget.spend(selections.size());
  for (const Selection& selection : selections) {
    if (auto* field = std::get_if<Ref<Field>>(&selection)) {
      std::string_view name = response_name(**field);
      std::size_t place = out.places.emplace(name, out.groups.size()).first->second;
      if (place == out.groups.size()) out.groups.push_back({name, {}});
      out.groups[place].fields.push_back(*field);
    } else if (auto* fragment = std::get_if<Ref<InlineFragment>>(&selection)) {
      collect_into(out, (*fragment)->selections);
    } else {
      out.spreads.push_back(std::get<Ref<FragmentSpread>>(selection));
    }
  }
}

void OverlapChecker::within(Conflicts& out, const Collected& fields) {
  for (const Group& group : fields.groups) {
    for (std::size_t i = 0; i < group.fields.size(); ++i) {
      for (std::size_t j = i + 1; j < group.fields.size(); ++j)
        compare(out, false, *group.fields[i], *group.fields[j]);
    }
  }
}

void OverlapChecker::between(Conflicts& out, bool exclusive, const Collected& a,
                             const Collected& b) {
  validation_.budget.spend(a.groups.size());
  for (const Group& group : a.groups) {
    const Group* other = b.find(group.name);
    if (!other) continue;
    for (Ref<Field> field : group.fields) {
      for (Ref<Field> other_field : other->fields) compare(out, exclusive, *field, *other_field);
    }
  }
}

void OverlapChecker::with_fragment(Conflicts& out, bool exclusive, const Collected& fields,
                                   FragmentSpread& spread) {
  validation_.budget.spend(pair_cost);
  if (!fields_and_fragments_.add(&fields, spread.name, exclusive)) return;
  if (!spread.definition) return;
  Level level(depth_);
  const Collected& others = collect(spread.definition->selections);
  if (&fields == &others) return;
  between(out, exclusive, fields, others);
  for (Ref<FragmentSpread> inner : others.spreads) with_fragment(out, exclusive, fields, *inner);
}

void OverlapChecker::between_fragments(Conflicts& out, bool exclusive, FragmentSpread& a,
                                       FragmentSpread& b) {
  validation_.budget.spend(pair_cost);
  if (a.name == b.name || !fragments_.add(a.name, b.name, exclusive)) return;
  fragments_.set(b.name, a.name, exclusive);
  if (!a.definition || !b.definition) return;
  Level level(depth_);
  const Collected& fields = collect(a.definition->selections);
  const Collected& others = collect(b.definition->selections);
  between(out, exclusive, fields, others);
  for (Ref<FragmentSpread> inner : others.spreads) between_fragments(out, exclusive, a, *inner);
  for (Ref<FragmentSpread> inner : fields.spreads) between_fragments(out, exclusive, *inner, b);
}

void OverlapChecker::between_selections(Conflicts& out, bool exclusive, const SelectionSet& a,
                                        const SelectionSet& b) {
  const Collected& fields = collect(a);
  const Collected& others = collect(b);
  between(out, exclusive, fields, others);
  for (Ref<FragmentSpread> spread : others.spreads) with_fragment(out, exclusive, fields, *spread);
  for (Ref<FragmentSpread> spread : fields.spreads) with_fragment(out, exclusive, others, *spread);
  for (Ref<FragmentSpread> spread : fields.spreads) {
    for (Ref<FragmentSpread> other : others.spreads)
      between_fragments(out, exclusive, *spread, *other);
  }
}

void OverlapChecker::compare(Conflicts& out, bool exclusive, Field& a, Field& b) {
  validation_.budget.spend();
  if (!a.parent || !b.parent) return;
  Level level(depth_);
  exclusive = exclusive || are_exclusive(a, b);
  Conflict conflict{response_name(a), difference(exclusive, a, b), {}, b.position};
  bool has_fields = !a.selections.empty() || !b.selections.empty();
  if (conflict.reason.empty() && has_fields)
    between_selections(conflict.inner, exclusive, a.selections, b.selections);
  if (!conflict.reason.empty() || !conflict.inner.empty()) out.push_back(std::move(conflict));
}

/// Why two fields cannot be merged, apart from their own fields; empty if they can.
std::string OverlapChecker::difference(bool exclusive, Field& a, Field& b) {
  if (!exclusive && a.name != b.name)
    return join("\"", a.name, "\" and \"", b.name, "\" are different fields");
  if (!exclusive && !same_arguments(a.arguments, b.arguments))
    return "they have differing arguments";
  if (!a.definition || !b.definition) return {};
  const Type& x = *a.definition->type;
  const Type& y = *b.definition->type;
  if (!types_conflict(x, y)) return {};
  return join("they return conflicting types \"", type_text(x), "\" and \"", type_text(y), "\"");
}

bool OverlapChecker::same_arguments(const Nodes<Argument>& a, const Nodes<Argument>& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](Ref<Argument> one) {
    return std::any_of(b.begin(), b.end(), [&](Ref<Argument> other) {
      validation_.budget.spend();
      return one->name == other->name && same_value(*one->value, *other->value);
    });
  });
}

bool OverlapChecker::same_value(Literal& a, Literal& b) {
  validation_.budget.spend();
  if (a.kind != b.kind || a.raw != b.raw || a.children.size() != b.children.size()) return false;
  std::vector<Ref<ChildValue>> x = in_order(a), y = in_order(b);
  return std::equal(x.begin(), x.end(), y.begin(), [&](Ref<ChildValue> c, Ref<ChildValue> d) {
    return c->name == d->name && same_value(*c->value, *d->value);
  });
}

bool OverlapChecker::types_conflict(const Type& a, const Type& b) {
  if (a.non_null != b.non_null || bool(a.element) != bool(b.element)) return true;
  if (a.element) return types_conflict(*a.element, *b.element);
  Ref<Definition> x = validation_.schema.type(a.name), y = validation_.schema.type(b.name);
  return (x->is_leaf() || y->is_leaf()) && x->name != y->name;
}

void overlap_in_operation(Validation& validation, OperationDefinition& operation) {
  validation.overlaps->check(operation.selections);
}

/// Fields of fragments are compared where operations spread them.
void overlap_in_field(Validation& validation, Field& field) {
  if (validation.operation) validation.overlaps->check(field.selections);
}

void overlap_in_fragment(Validation& validation, FragmentDefinition& fragment) {
  validation.overlaps->check(fragment.selections);
}

void overlap_in_inline_fragment(Validation& validation, InlineFragment& fragment) {
  validation.overlaps->check(fragment.selections);
}

}  // namespace lictor::builtins::graphql
