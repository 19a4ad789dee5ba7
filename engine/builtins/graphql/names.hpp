// Finds nodes by name in lists of any length: in short ones by looking at each, in long ones by a
// table that is made when it is first needed.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "builtins/graphql/tree.hpp"

namespace lictor::builtins::graphql {

inline constexpr std::size_t longest_scanned = 16;

class Names {
 public:
  /// The first node of the name, or null.
  template <class T>
  Ref<T> find(const Nodes<T>& list, std::string_view name) {
    if (list.size() > longest_scanned) return find_in_table(list, name);
    for (const Ref<T>& node : list)
      if (node->name == name) return node;
    return {};
  }

 private:
  using Table = std::unordered_map<std::string_view, std::uint32_t>;

  template <class T>
  Ref<T> find_in_table(const Nodes<T>& list, std::string_view name) {
    auto [table, is_new] = tables_.try_emplace(list.items);
    if (is_new) {
      for (std::uint32_t i = 0; i < list.size(); ++i) table->second.emplace(list[i]->name, i);
    }
    auto found = table->second.find(name);
    return found == table->second.end() ? Ref<T>() : list[found->second];
  }

  std::unordered_map<const void*, Table> tables_;  // by where a list's items are
};

/// Finds the first name that is repeated; returns the index of its second occurrence.
template <class T, class NameOf>
std::optional<std::uint32_t> find_repeated(const List<T>& list, NameOf&& name_of) {
  std::unordered_map<std::string_view, std::uint32_t> places;
  std::optional<std::uint32_t> first, repeated;
  for (std::uint32_t i = 0; list.size() > 1 && i < list.size(); ++i) {
    auto [place, is_new] = places.emplace(name_of(list[i]), i);
    if (is_new || (first && *first <= place->second)) continue;
    first = place->second;
    repeated = i;
  }
  return repeated;
}

}  // namespace lictor::builtins::graphql
