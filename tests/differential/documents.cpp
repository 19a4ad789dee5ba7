// Data and input: rows whose fields meet, and, in some programs, data at the paths of rules.
#include "generator.hpp"

namespace lictor::differential {

std::string Generator::scalar(Kind kind) {
  // No number in two spellings: OPA drops documents whose rules have keys like 2 and 2.0.
  static constexpr const char* numbers[] = {"0", "1", "2", "3", "1.5", "-1", "1e2", "2.50"};
  static constexpr const char* strings[] = {"\"a\"", "\"b\"", "\"c\"", "\"\"", "\"A b\""};
  static constexpr const char* booleans[] = {"true", "false"};
  if (style_.odd_numbers && kind == Kind::number && chance(25)) return odd_number();
  switch (kind) {
    case Kind::number:
      return pick(numbers);
    case Kind::string:
      return pick(strings);
    case Kind::boolean:
      return pick(booleans);
    default:
      return chance(45)   ? pick(numbers)
             : chance(70) ? pick(strings)
             : chance(75) ? pick(booleans)
                          : "null";
  }
}

Node Generator::json(int depth) {
  int kind = depth == 0 ? 0 : between(0, 5);
  if (kind <= 2) return leaf(Sort::json, scalar(Kind::any));
  std::vector<Node> children;
  int count = between(0, 3);
  if (kind == 3) {
    for (int i = 0; i < count; ++i) children.push_back(json(depth - 1));
    return list(Sort::json, 0, "[", ", ", "]", std::move(children));
  }
  static constexpr const char* keys[] = {"a", "b", "c", "x", "y"};
  for (int i = 0; i < count; ++i) {
    std::size_t at = (below(2) + 2 * static_cast<std::size_t>(i)) % 5;
    children.push_back(member(keys[at], json(depth - 1)));
  }
  return list(Sort::json, 0, "{", ", ", "}", std::move(children));
}

Node Generator::rows() {
  std::vector<Node> rows;
  int count = between(0, 4);
  for (int i = 0; i < count; ++i) {
    std::vector<Node> fields;
    fields.push_back(member("name", leaf(Sort::json, "\"" + key() + "\"")));
    if (chance(80))
      fields.push_back(
          member("level", leaf(Sort::json, scalar(chance(70) ? Kind::number : Kind::any))));
    if (chance(60)) fields.push_back(member("tags", json(1)));
    rows.push_back(list(Sort::json, 0, "{", ", ", "}", std::move(fields)));
  }
  return list(Sort::json, 0, "[", ", ", "]", std::move(rows));
}

Node Generator::document(bool data) {
  std::vector<Node> members;
  members.push_back(member(data ? "users" : "rows", rows()));
  members.push_back(member("d", json(3)));
  members.push_back(member("s", leaf(Sort::json, scalar(Kind::any))));
  members.push_back(
      member("m", node(Sort::fixed, "{", ", ", "}", {member("a", json(1)), member("b", json(1))})));
  return list(Sort::fixed, 0, "{", ", ", "}", std::move(members));
}

std::string Generator::odd_number() {
  static constexpr const char* numbers[] = {"-0",     "0.0",  "1.0",   "1E2",
                                            "1e+1",   "1e-7", "2e20",  "-1.5",
                                            "0.1e-1", "10",   "1e400", "100000000000000000000"};
  return pick(numbers);
}

}  // namespace lictor::differential
