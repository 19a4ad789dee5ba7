// What the explainer makes of a text: nodes that hold just what OPA's errors mention. Private to
// explain_*. Nodes are shared, as OPA's are: a term that was read once may be part of several
// readings of a text.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "syntax/ast.hpp"
#include "syntax/explain_scanner.hpp"

namespace lictor::syntax::explain {

struct Expression;
using ExpressionPtr = std::shared_ptr<Expression>;
using Expressions = std::vector<ExpressionPtr>;
/// Nothing: no body was read. A body has at least one expression.
using MaybeBody = std::optional<Expressions>;

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Node {
  TermKind kind = TermKind::null_value;
  std::string text;  // of a var or a string
  Location place;
  std::vector<NodePtr> items;  // as in Term
  Expressions body;            // of a comprehension
};

struct Expression {
  enum class Form { term, call, some, every, not_body, logical } form = Form::term;
  bool negated = false;
  bool with = false;
  bool explicit_body = false;  // of a not_body: it was written in braces
  NodePtr term;                // of a term
  std::vector<NodePtr> terms;  // of a call, an equality or an assignment: a ref, the operands
  Expressions body;            // of a not_body
  std::optional<Location> place;
};

/// The name of a global function that an expression calls, e.g. "eq" for x = y; or "".
std::string global_operator(const Expression& expr);
bool is_ground(const Node& node);
/// OPA's notation of a node.
std::string to_text(const Node& node, const std::string& source);
/// The items of a collection in OPA's order.
std::vector<NodePtr> sorted_items(const Node& node, const std::string& source);

/// A list whose copies share their items, as Go's slices do: a copy that is shorter than another
/// overwrites the other's items when it grows, as long as there is room.
template <typename T>
class SharedList {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](std::size_t i) const { return (*items_)[i]; }
  void clear() { *this = {}; }

  void push_back(T item) {
    if (size_ == capacity_) {
      capacity_ = capacity_ == 0 ? 1 : capacity_ * 2;
      std::vector<T> all = to_vector();
      items_ = std::make_shared<std::vector<T>>(std::move(all));
    }
    items_->resize(std::max(items_->size(), size_ + 1));
    (*items_)[size_++] = std::move(item);
  }

  std::vector<T> to_vector() const {
    if (!items_) return {};
    return {items_->begin(), items_->begin() + static_cast<std::ptrdiff_t>(size_)};
  }

 private:
  std::shared_ptr<std::vector<T>> items_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace lictor::syntax::explain
