// The rule that fields of one response name must be able to be merged: in each selection set, with
// all fragments that it spreads, they must be the same field with the same arguments, and return
// the same type. Source: gqlparser v2 validator/rules/overlapping_fields_can_be_merged.go.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builtins/graphql/rules.hpp"

namespace lictor::builtins::graphql {

class OverlapChecker {
 public:
  explicit OverlapChecker(Validation& validation) : validation_(validation) {}

  /// Reports the conflicts within a selection set.
  void check(const SelectionSet& selections);

 private:
  /// The fields of one response name.
  struct Group {
    std::string_view name;
    std::vector<Ref<Field>> fields;
  };

  /// What a selection set selects, with its inline fragments.
  struct Collected {
    std::vector<Group> groups;
    std::unordered_map<std::string_view, std::size_t> places;  // of groups
    std::vector<Ref<FragmentSpread>> spreads;

    const Group* find(std::string_view name) const;
  };

  struct Conflict {
    std::string_view name;
    std::string reason;  // empty: the inner conflicts
    std::vector<Conflict> inner;
    Position position;

    std::string text() const;
  };
  using Conflicts = std::vector<Conflict>;

  /// Remembers which pairs were compared, and whether as exclusive. One that was compared as not
  /// exclusive counts for both.
  template <class A>
  class Compared {
   public:
    /// True if the pair must still be compared.
    bool add(A a, std::string_view b, bool exclusive) {
      auto [pair, is_new] = pairs_.try_emplace({a, b}, exclusive);
      if (!is_new && (exclusive || !pair->second)) return false;
      pair->second = exclusive;
      return true;
    }
    void set(A a, std::string_view b, bool exclusive) { pairs_[{a, b}] = exclusive; }

   private:
    using Pair = std::pair<A, std::string_view>;
    struct Hash {
      std::size_t operator()(const Pair& pair) const {
        return std::hash<A>()(pair.first) * 31 + std::hash<std::string_view>()(pair.second);
      }
    };
    std::unordered_map<Pair, bool, Hash> pairs_;
  };

  const Collected& collect(const SelectionSet& selections);
  void collect_into(Collected& out, const SelectionSet& selections);
  void within(Conflicts& out, const Collected& fields);
  void between(Conflicts& out, bool exclusive, const Collected& a, const Collected& b);
  void with_fragment(Conflicts& out, bool exclusive, const Collected& fields,
                     FragmentSpread& spread);
  void between_fragments(Conflicts& out, bool exclusive, FragmentSpread& a, FragmentSpread& b);
  void between_selections(Conflicts& out, bool exclusive, const SelectionSet& a,
                          const SelectionSet& b);
  void compare(Conflicts& out, bool exclusive, Field& a, Field& b);
  std::string difference(bool exclusive, Field& a, Field& b);
  bool same_arguments(const Nodes<Argument>& a, const Nodes<Argument>& b);
  bool same_value(Literal& a, Literal& b);
  bool types_conflict(const Type& a, const Type& b);

  Validation& validation_;
  std::unordered_map<const Selection*, std::unique_ptr<Collected>> collected_;
  Compared<const Collected*> fields_and_fragments_;
  Compared<std::string_view> fragments_;
  int depth_ = 0;
};

}  // namespace lictor::builtins::graphql
