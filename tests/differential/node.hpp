// A generated program as a tree that the shrinker can take apart: a node is its children between a
// head, separators and a tail, and has the sort of the places where it may be.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace lictor::differential {

enum class Sort : unsigned char {
  term,   // may become a constant, or a term inside it
  expr,   // may become an expression inside it
  json,   // may become a smaller JSON value
  fixed,  // stays as it is; its children may shrink
};

struct Node {
  Sort sort = Sort::fixed;
  std::size_t least =
      std::size_t(-1);  // children that must stay; with fewer than it has, any may go
  std::string head;
  std::string separator;
  std::string tail;
  std::vector<Node> children;
};

inline Node leaf(Sort sort, std::string text) {
  return {sort, std::size_t(-1), std::move(text), {}, {}, {}};
}

inline Node node(Sort sort, std::string head, std::string separator, std::string tail,
                 std::vector<Node> children) {
  return {sort,
          std::size_t(-1),
          std::move(head),
          std::move(separator),
          std::move(tail),
          std::move(children)};
}

/// A node whose children may go, down to `least`.
inline Node list(Sort sort, std::size_t least, std::string head, std::string separator,
                 std::string tail, std::vector<Node> children) {
  return {sort, least, std::move(head), std::move(separator), std::move(tail), std::move(children)};
}

inline void render(const Node& from, std::string& out) {
  out += from.head;
  for (std::size_t i = 0; i < from.children.size(); ++i) {
    if (i > 0) out += from.separator;
    render(from.children[i], out);
  }
  out += from.tail;
}

inline std::string text_of(const Node& from) {
  std::string out;
  render(from, out);
  return out;
}

/// What both engines are asked.
struct Program {
  Node modules;  // each child is one
  Node data;
  Node input;
  std::string query;
  bool v0 = false;
  bool strict_errors = false;  // an error of a builtin is one of the evaluation
};

}  // namespace lictor::differential
