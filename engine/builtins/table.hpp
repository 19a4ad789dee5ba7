// The builtins that one compilation knows, each with a number: lictor's own, then the host's.
// In: names and signatures. Out: builtins by name and by number. Entry point: Table::standard().
// INVARIANT: lictor's own builtins have the same numbers in every Table, and a shared Table never
// changes.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builtins/builtin.hpp"
#include "lictor/capabilities.hpp"
#include "lictor/host_function.hpp"

namespace lictor::builtins {

class Table {
 public:
  /// Only lictor's own builtins.
  static const std::shared_ptr<const Table>& standard();

  /// A copy of the standard table, to be changed before it is shared.
  Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /// Adds a function of the host: a new one, or one in the place of a builtin that has no
  /// implementation here. Returns why not, if it is refused.
  std::optional<std::string> add(const HostFunction& function);
  /// A table in which policies can name only what is declared, with the types that are declared.
  /// Calls of builtins that `all` does not know end the evaluation.
  static std::shared_ptr<const Table> restricted(std::shared_ptr<const Table> all,
                                                 const std::vector<DeclaredBuiltin>& declared);

  std::span<const Builtin> all() const { return builtins_; }
  std::size_t size() const { return builtins_.size(); }
  const Builtin& operator[](std::uint32_t number) const { return builtins_[number]; }
  /// A builtin that policies can name, or null.
  const Builtin* get(std::string_view name) const;
  /// Its number, or -1.
  int find(std::string_view name) const;
  /// The number of a builtin of this table.
  std::uint32_t number_of(const Builtin& builtin) const {
    return static_cast<std::uint32_t>(&builtin - builtins_.data());
  }
  /// Its arity, or -1 where there is none, or it takes any number of arguments.
  int arity(std::string_view name) const;
  bool is_deprecated(std::string_view name) const;
  /// False if policies may not even compare: eq is a builtin to capabilities.
  bool has_equality() const { return has_equality_; }

 private:
  struct Own {};
  explicit Table(Own);
  explicit Table(std::shared_ptr<const Table> all);
  void push(Builtin builtin);
  void declare(const DeclaredBuiltin& declared);

  std::vector<Builtin> builtins_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::shared_ptr<const Table> all_;               // that this one restricts, or null
  std::deque<std::string> texts_;                  // names and signatures of what is declared
  std::set<std::string, std::less<>> deprecated_;  // of what is declared
  bool has_equality_ = true;
  std::deque<HostFunction> host_functions_;
};

/// The number of one of lictor's own builtins, for code that is planned rather than written.
std::uint32_t own_number(std::string_view name);

}  // namespace lictor::builtins
