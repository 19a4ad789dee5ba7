#include "generate.hpp"

#include <iterator>
#include <random>
#include <string_view>

namespace lictor::tests {
namespace {

constexpr std::string_view scalars[] = {"x",
                                        "a b",
                                        "1",
                                        "1.50",
                                        "true",
                                        "yes",
                                        "No",
                                        "~",
                                        "''",
                                        "\"\"",
                                        "'it''s'",
                                        "2025-07-01",
                                        "2025-5-1T0:0:0Z",
                                        "2025-05-01 10:00:00",
                                        "2025-05-01T1:2:3.120+05:30",
                                        "2025-13-01",
                                        "!!str 5",
                                        "!!int x",
                                        "!!timestamp 2025-01-01",
                                        "! 5",
                                        "&a x",
                                        "*a",
                                        "0x1F",
                                        "1e3",
                                        ".5",
                                        "é",
                                        "[a]",
                                        "{a: b}",
                                        "|\n#     text\n#     more",
                                        ">\n#     text\n#     more",
                                        "[x",
                                        "\"",
                                        "a: b",
                                        "- x",
                                        "12345678901",
                                        "@x",
                                        "  x  "};

constexpr std::string_view uris[] = {"https://example.com",
                                     "https://example.com/a b?q=1#f",
                                     "not a url",
                                     "::",
                                     "HTTP://Example.COM:80/%7Ea/%2f",
                                     "http://a:b",
                                     "mailto:a@b.c",
                                     "//host/p",
                                     "/a:b",
                                     "a:b",
                                     "./a:b",
                                     "%zz",
                                     "http://[::1]:80/",
                                     "http://[::1",
                                     "http://u:p@h/",
                                     "http://u%41@h/",
                                     "http://h?",
                                     "?",
                                     "#f",
                                     "http://h/#%41b",
                                     "1http://x",
                                     "*",
                                     "http://é/é",
                                     "http://h h/",
                                     "x://y//z",
                                     "file:///a",
                                     "file:a",
                                     "urn:x:y?z",
                                     "\"a\\tb\"",
                                     "http://h/a%2Fb%20c",
                                     "http://h/[a]!*'()"};

constexpr std::string_view refs[] = {"input",
                                     "input.a",
                                     "input.a.b",
                                     "data",
                                     "data.x",
                                     "data.x.y",
                                     "data.p.q",
                                     "foo",
                                     "foo.bar",
                                     "\"x\"",
                                     "\"1\"",
                                     "\"]\"",
                                     "\"\"",
                                     "\"input.x + 1\"",
                                     "input[\"a b\"]",
                                     "\"input.x[_]\"",
                                     "\"not input.x\"",
                                     "schema.input",
                                     "input.arr[0]"};

constexpr std::string_view schemas[] = {
    "schema.input",
    "schema",
    "data.x",
    "\"]\"",
    "{type: object, properties: {n: {type: number}, s: {type: string}}}",
    "{type: object, additionalProperties: false, properties: {a: {type: object, properties: {b: "
    "{type: boolean}}}}}",
    "{type: object}",
    "{type: array, items: {type: string}}",
    "{type: array, items: [{type: string}, {type: number}]}",
    "{type: string}",
    "{type: integer}",
    "{type: [string, \"null\"]}",
    "{type: \"null\"}",
    "{}",
    "{properties: {a: {}}}",
    "{items: {type: number}}",
    "{type: foo}",
    "{type: 1}",
    "{type: [1]}",
    "{anyOf: [{type: string}, {type: number}]}",
    "{anyOf: [{properties: {a: {type: string}}}, {properties: {n: {type: number}}}]}",
    "{type: object, properties: {s: {type: string}}, anyOf: [{properties: {n: {type: number}}}]}",
    "{allOf: [{properties: {a: {type: string}}}, {properties: {n: {type: number}}}]}",
    "{allOf: [{type: string}, {type: number}]}",
    "{allOf: [{type: string}]}",
    "{allOf: [{anyOf: [{type: string}]}]}",
    "{definitions: {d: {type: object, properties: {n: {type: string}}}}, type: object, properties: "
    "{a: {$ref: \"#/definitions/d\"}}}",
    "{$ref: \"#/definitions/none\"}",
    "{properties: 1}",
    "{items: 1}",
    "[]",
    "1",
    "true",
    "{type: object, properties: {n: {enum: [1]}, a: {const: 1}}}",
    "{type: object, properties: {n: {oneOf: [{type: string}]}}}",
    "{type: [object, array], properties: {n: {type: number}}}",
    "{type: string, type: string}",
    "{type: [string, string]}",
    "{1: 2}"};

constexpr std::string_view usual_schemas[] = {
    "{type: object, properties: {n: {type: number}, s: {type: string}}}",
    "{type: object, properties: {a: {type: object, properties: {b: {type: boolean}}}, arr: {type: "
    "array, items: {type: string}}}}"};

constexpr std::string_view bodies[] = {"r := rego.metadata.rule()",
                                       "r := rego.metadata.chain()",
                                       "r := input.zzz",
                                       "r := input.n",
                                       "r := upper(input.n)",
                                       "r := input.a.zzz",
                                       "r := input.a.b.c",
                                       "r := input.s + 1",
                                       "r := data.x.zzz",
                                       "r := input[_]",
                                       "r := [x | some x in input.arr]",
                                       "r := input.arr[0].z",
                                       "r if input.n == \"a\"",
                                       "r contains input.q",
                                       "f(x) := input.zzz + x",
                                       "r.a := input.zzz",
                                       "default r := 1",
                                       "r := 1 if input.s > 1\nelse := input.zzz",
                                       "q[input.zzz] := 1",
                                       "r := data.p.q"};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string module() {
    std::string out = below(4) == 0 ? block("package") : "";
    out += "package p\n\n";
    if (below(6) == 0) out += (below(2) == 0 ? block("") : "") + "import data.y\n\n";
    for (std::size_t count = 1 + below(3); count > 0; --count) {
      for (std::size_t blocks = below(3); blocks > 0; --blocks)
        out += block("rule") + std::string(pick({"", "", "", "\n", "# other\n", "\n# other\n\n"}));
      out += std::string(pick(bodies)) + "\n\n";
    }
    return out;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  /// Mostly one of the first of a pool, which are right in most places.
  template <typename List>
  std::string usual(const List& list, std::size_t first) {
    std::size_t count = below(6) == 0 ? std::size(list) : first;
    return std::string(*(std::begin(list) + static_cast<std::ptrdiff_t>(below(count))));
  }

  template <typename List>
  std::string pick(const List& list) {
    return std::string(*(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list)))));
  }
  std::string pick(std::initializer_list<std::string_view> list) {
    return std::string(*(list.begin() + below(list.size())));
  }

  std::string block(std::string_view target) {
    std::string out =
        below(20) == 0 ? pick({"#METADATA\n", "# METADATA x\n", "#  METADATA\n", " # METADATA\n"})
                       : "# METADATA\n";
    if (below(3) == 0) out += "# scope: " + scope(target) + "\n";
    for (std::size_t count = below(4) + (below(8) == 0 ? 0 : 1); count > 0; --count) out += field();
    if (below(25) == 0) out.erase(below(out.size()), 1);
    if (below(30) == 0)
      out.insert(below(out.size()), pick({":", " ", "\t", "x", "\n", "# ", "é", "\u00a0"}));
    return out;
  }

  std::string scope(std::string_view target) {
    if (below(5) == 0)
      return pick({"rule", "document", "package", "subpackages", "foo", "[a]", "''", "1"});
    return target == "package" ? pick({"package", "subpackages"}) : pick({"rule", "document"});
  }

  std::string scalar() { return usual(scalars, 15); }

  /// A list, of a few items, or something else in its place.
  template <typename Item>
  std::string list(const char* name, Item item) {
    std::string out = "# " + std::string(name) + ":";
    if (below(25) == 0) return out + " " + scalar() + "\n";
    out += "\n";
    for (std::size_t count = 1 + below(2); count > 0; --count) out += "# - " + item() + "\n";
    return out;
  }

  std::string map(const char* name) {
    std::string out = "# " + std::string(name) + ":";
    if (below(25) == 0) return out + " " + scalar() + "\n";
    out += "\n";
    for (std::size_t count = 1 + below(3); count > 0; --count) {
      out += "#   " + pick({"a", "b", "severity", "1", "'1'", "~", "effective_on", "<<", "true"}) +
             ": ";
      out += below(4) == 0   ? "{x: " + scalar() + ", 1: y}"
             : below(6) == 0 ? "[" + scalar() + ", 2]"
                             : scalar();
      out += "\n";
    }
    return out;
  }

  std::string field() {
    switch (below(12)) {
      case 0:
        return "# title: " + scalar() + "\n";
      case 1:
        return "# description: " + scalar() + "\n";
      case 2:
        return "# entrypoint: " + (below(8) == 0 ? scalar() : pick({"true", "false", "yes"})) +
               "\n";
      case 3:
        return list("organizations", [&] { return scalar(); });
      case 4:
        return list("authors", [&] { return author(); });
      case 5:
        return list("related_resources", [&] { return resource(); });
      case 6:
      case 7:
        return list("schemas", [&] {
          return usual(refs, 7) + ": " + (below(2) == 0 ? pick(schemas) : pick(usual_schemas));
        });
      case 8:
        return "# compile:\n#   unknowns: [" + usual(refs, 7) + ", " + usual(refs, 7) + "]\n" +
               (below(2) == 0 ? "#   mask_rule: " + usual(refs, 10) + "\n" : "");
      case 9:
        return map("labels");
      case 10:
        return below(4) == 0 ? "# " + scalar() + ": " + scalar() + "\n"
                             : "# other: " + scalar() + "\n";
      default:
        return map("custom");
    }
  }

  std::string author() {
    if (below(4) > 0)
      return pick({"Jane Doe", "Jane <j@x.y>", "<j@x.y>", "{name: Jane}", "{email: j}"});
    return pick({"Jane Doe", "Jane <j@x.y>", "<j@x.y>", "Jane < j >", "{name: Jane}", "{email: j}",
                 "{name: '', email: ' '}", "{name: Jane, email: j@x}", "{}", "''", "' '", "1", "~",
                 "[a]", "{name: 1}", "{1: x}", "<>", "a <b> c", "2025-01-01"});
  }

  std::string resource() {
    std::size_t form = below(8);
    if (form < 3) return usual(uris, 3);
    if (form < 6 || below(3) > 0)
      return "{ref: " + usual(uris, 3) + (below(2) == 0 ? ", description: " + scalar() : "") + "}";
    return pick(
        {"{ref: ''}", "{}", "1", "~", "[a]", "''", "{description: x}", "{1: x}", "true", "1.5"});
  }

  std::mt19937_64 random_;
};

}  // namespace

std::string metadata_module(std::uint64_t seed) { return Generator(seed).module(); }

}  // namespace lictor::tests
