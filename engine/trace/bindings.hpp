// What unification works on: values, terms of the policy, and the variables of a query with what
// they are bound to. A variable may be bound to a term with variables of another query (`f(x)`
// binds f's parameter to the caller's x), so a term is always read with its bindings. INVARIANT:
// what was bound last is unbound first.
#pragma once

#include <string_view>
#include <vector>

#include "lictor/value.hpp"
#include "syntax/ast.hpp"

namespace lictor::trace {

class Bindings;

/// A side of a unification: a value, or else a term with its variables.
struct Item {
  Item() = default;
  Item(const Value& given) : value(given) {}
  Item(const syntax::Term& given, Bindings& of) : term(&given), bindings(&of) {}

  bool is_value() const { return term == nullptr; }
  bool is_var() const { return term && term->kind == syntax::TermKind::var && !is_root(); }
  /// `data` and `input` by themselves are refs.
  bool is_ref() const { return term && (term->kind == syntax::TermKind::ref || is_root()); }
  bool is_closure() const { return term && term->body != nullptr; }

  const syntax::Term* term = nullptr;
  Bindings* bindings = nullptr;
  Value value;

 private:
  bool is_root() const {
    return term->kind == syntax::TermKind::var && (term->text == "data" || term->text == "input");
  }
};

class Bindings {
 public:
  const Item* find(std::string_view name) const {
    for (const Binding& binding : all_) {
      if (binding.name == name) return &binding.item;
    }
    return nullptr;
  }
  void bind(const syntax::Term& var, const Item& item) { all_.push_back({var.text, item}); }
  void unbind() { all_.pop_back(); }

 private:
  struct Binding {
    std::string_view name;
    Item item;
  };
  std::vector<Binding> all_;
};

}  // namespace lictor::trace
