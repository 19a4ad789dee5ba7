// Greedy: at each node, drops children, puts a part of the node in its place, or a constant; starts
// over until nothing more can go.
#include "shrink.hpp"

namespace lictor::differential {
namespace {

using Differs = std::function<bool()>;

bool fits(Sort place, Sort part) { return place == part && place != Sort::fixed; }

void parts(const Node& from, Sort sort, std::vector<Node>& out) {
  for (const Node& child : from.children) {
    if (fits(sort, child.sort))
      out.push_back(child);
    else
      parts(child, sort, out);
  }
}

std::vector<Node> replacements(const Node& from) {
  std::vector<Node> out;
  if (from.sort == Sort::fixed) return out;
  parts(from, from.sort, out);
  if (from.sort == Sort::expr) return out;
  for (const char* constant : {"0", "1", "\"a\"", "null", "[]", "{}"}) {
    if (text_of(from).size() > std::string_view(constant).size())
      out.push_back(leaf(from.sort, constant));
  }
  return out;
}

bool drop_children(Node& at, const Differs& differs) {
  bool any = false;
  for (std::size_t i = at.children.size();
       i-- > 0 && at.least != std::size_t(-1) && at.children.size() > at.least;) {
    Node dropped = std::move(at.children[i]);
    at.children.erase(at.children.begin() + static_cast<std::ptrdiff_t>(i));
    if (differs()) {
      any = true;
    } else {
      at.children.insert(at.children.begin() + static_cast<std::ptrdiff_t>(i), std::move(dropped));
    }
  }
  return any;
}

bool shrink_node(Node& at, const Differs& differs) {
  bool any = drop_children(at, differs);
  for (Node& candidate : replacements(at)) {
    std::swap(at, candidate);
    if (differs()) {
      any = true;
      break;
    }
    std::swap(at, candidate);
  }
  for (Node& child : at.children) any |= shrink_node(child, differs);
  return any;
}

}  // namespace

Program shrink(Program program, const std::function<bool(const Program&)>& differs) {
  Differs still = [&] { return differs(program); };
  while (shrink_node(program.modules, still) || shrink_node(program.data, still) ||
         shrink_node(program.input, still)) {
  }
  return program;
}

}  // namespace lictor::differential
