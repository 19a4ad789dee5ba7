// Rules on fields and on how fragments contain each other.
#include <algorithm>

#include "builtins/graphql/rules.hpp"
#include "builtins/graphql/suggest.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr int max_introspection_lists = 3;

// --- suggestions

/// How many of an abstract type's possible types, and of their interfaces, have the field.
struct TypesWithField {
  std::vector<std::string_view> types;
  std::unordered_map<std::string_view, int> interface_uses;
};

TypesWithField types_with_field(Validation& validation, const Definition& parent,
                                std::string_view name) {
  TypesWithField out;
  std::vector<std::string_view> objects;
  for (Ref<Definition> possible : validation.schema.possible(parent.name)) {
    validation.budget.spend();
    if (!validation.names().find(possible->fields, name)) continue;
    objects.push_back(possible->name);
    for (std::string_view interface : possible->interfaces) {
      validation.budget.spend();
      Ref<Definition> type = validation.schema.type(interface);
      if (!type || !validation.names().find(type->fields, name)) continue;
      if (out.interface_uses[interface]++ == 0) out.types.push_back(interface);
    }
  }
  out.types.insert(out.types.end(), objects.begin(), objects.end());
  return out;
}

/// The types that have the field; interfaces that many of them implement come first.
std::vector<std::string_view> suggested_types(Validation& validation, const Definition& parent,
                                              std::string_view name) {
  if (!parent.is_abstract()) return {};
  TypesWithField found = types_with_field(validation, parent, name);
  auto uses = [&](std::string_view type) {
    auto count = found.interface_uses.find(type);
    return count == found.interface_uses.end() ? 0 : count->second;
  };
  std::stable_sort(found.types.begin(), found.types.end(),
                   [&](std::string_view a, std::string_view b) {
                     return uses(a) != uses(b) ? uses(a) > uses(b) : a < b;
                   });
  return found.types;
}

std::string field_suggestion(Validation& validation, const Definition& parent,
                             std::string_view name) {
  std::vector<std::string_view> types = suggested_types(validation, parent, name);
  if (!types.empty())
    return " Did you mean to use an inline fragment on " + quoted_or_list(types) + "?";
  if (parent.kind != kinds::object && parent.kind != kinds::interface) return {};
  std::vector<std::string_view> fields;
  for (Ref<FieldDefinition> field : parent.fields) fields.push_back(field->name);
  return suggestion("Did you mean", name, fields, validation.budget);
}

// --- the depth of introspection

class IntrospectionWalk {
 public:
  explicit IntrospectionWalk(Validation& validation) : validation_(validation) {}

  /// True if lists of types nest too deep below the field.
  bool too_deep(Field& field, int lists) {
    static constexpr std::string_view list_fields[] = {"fields", "interfaces", "possibleTypes",
                                                       "inputFields"};
    bool is_list = std::find(std::begin(list_fields), std::end(list_fields), field.name) !=
                   std::end(list_fields);
    if (is_list && ++lists >= max_introspection_lists) return true;
    return too_deep(field.selections, lists);
  }

 private:
  bool too_deep(const SelectionSet& selections, int lists) {
    Level level(depth_);
    validation_.budget.spend(selections.size());
    return std::any_of(selections.begin(), selections.end(), [&](const Selection& selection) {
      return std::visit([&](auto& node) { return too_deep(*node, lists); }, selection);
    });
  }
  bool too_deep(InlineFragment& fragment, int lists) {
    return too_deep(fragment.selections, lists);
  }

  /// A fragment that spreads itself is too deep if the depth has grown since it was entered.
  bool too_deep(FragmentSpread& spread, int lists) {
    auto& entered = validation_.entered_fragments;
    auto outer = entered.find(spread.name);
    if (outer != entered.end()) return lists > outer->second;
    if (!spread.definition) return false;
    auto known = validation_.introspection_depths.find({spread.name, lists});
    if (known != validation_.introspection_depths.end()) return known->second;
    entered.emplace(spread.name, lists);
    bool out = too_deep(spread.definition->selections, lists);
    entered.erase(spread.name);
    validation_.introspection_depths[{spread.name, lists}] = out;
    return out;
  }

  Validation& validation_;
  int depth_ = 0;
};

// --- cycles of fragments

/// All spreads in a selection set: outer before inner, and of inner sets the last one first.
std::vector<Ref<FragmentSpread>> spreads_in(const SelectionSet& selections) {
  std::vector<Ref<FragmentSpread>> out;
  std::vector<SelectionSet> left = {selections};
  while (!left.empty()) {
    SelectionSet set = left.back();
    left.pop_back();
    for (const Selection& selection : set) {
      if (auto* spread = std::get_if<Ref<FragmentSpread>>(&selection)) {
        out.push_back(*spread);
      } else if (auto* field = std::get_if<Ref<Field>>(&selection)) {
        left.push_back((*field)->selections);
      } else {
        left.push_back(std::get<Ref<InlineFragment>>(selection)->selections);
      }
    }
  }
  return out;
}

class FragmentCycles {
 public:
  explicit FragmentCycles(Validation& validation) : validation_(validation) {}

  void find(FragmentDefinition& fragment) {
    if (!validation_.fragments_without_new_cycles.insert(fragment.name).second) return;
    std::vector<Ref<FragmentSpread>> spreads = spreads_in(fragment.selections);
    if (spreads.empty()) return;
    Level level(depth_);
    places_[fragment.name] = path_.size();
    for (Ref<FragmentSpread> spread : spreads) follow(*spread);
    places_.erase(fragment.name);
  }

 private:
  void follow(FragmentSpread& spread) {
    auto place = places_.find(spread.name);
    if (place != places_.end()) return report(spread, place->second);
    Ref<FragmentDefinition> fragment = validation_.fragment(spread.name);
    if (!fragment) return;
    path_.push_back(spread.name);
    find(*fragment);
    path_.pop_back();
  }

  void report(FragmentSpread& spread, std::size_t first) {
    std::string via;
    for (std::size_t i = first; i < path_.size(); ++i)
      via += join(i == first ? " via \"" : ", \"", path_[i], "\"");
    validation_.report(spread.position, join("Cannot spread fragment \"", spread.name,
                                             "\" within itself", via, "."));
  }

  Validation& validation_;
  std::vector<std::string_view> path_;
  std::unordered_map<std::string_view, std::size_t> places_;  // in the path, by fragment
  int depth_ = 0;
};

}  // namespace

void unknown_field(Validation& validation, Field& field) {
  if (!field.parent || field.definition) return;
  validation.report(field.position,
                    join("Cannot query field \"", field.name, "\" on type \"", field.parent->name,
                         "\".", field_suggestion(validation, *field.parent, field.name)));
}

void introspection_depth(Validation& validation, Field& field) {
  if (field.name != "__schema" && field.name != "__type") return;
  if (IntrospectionWalk(validation).too_deep(field, 0))
    validation.report(field.position, "Maximum introspection depth exceeded");
}

void field_leaf(Validation& validation, Field& field) {
  if (!field.definition) return;
  Ref<Definition> type = validation.schema.type(type_name(field.definition->type));
  if (!type || type->is_leaf() == field.selections.empty()) return;
  std::string start = join("Field \"", field.name, "\" ");
  if (type->is_leaf()) {
    validation.report(field.position, join(start, "must not have a selection since type \"",
                                           type->name, "\" has no subfields."));
  } else {
    validation.report(field.position, join(start, "of type \"", type_text(*field.definition->type),
                                           "\" must have a selection of subfields. Did you mean \"",
                                           field.name, " { ... }\"?"));
  }
}

void fragment_cycles(Validation& validation, FragmentDefinition& fragment) {
  FragmentCycles(validation).find(fragment);
}

}  // namespace lictor::builtins::graphql
