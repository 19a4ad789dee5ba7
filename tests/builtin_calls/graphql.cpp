// Queries follow a table of the fields that the schema has, half of them always. Texts are
// tokens, some of which are then dropped, repeated, replaced or moved; trees are what lictor
// parses, some of whose parts are then changed.
#include "graphql.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/arena.hpp"
#include "builtins/table.hpp"
#include "json/write.hpp"

namespace lictor::builtin_calls {
namespace {

using differential::leaf;
using differential::list;
using differential::Node;
using differential::node;
using differential::Sort;
using Text = std::string_view;
using Tokens = std::vector<std::string>;

constexpr Text base_schema = R"(
directive @tag(x: Int, y: String!) repeatable on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @once(in: In) on FIELD | FRAGMENT_DEFINITION | VARIABLE_DEFINITION | MUTATION
directive @meta(x: Int = 1) on OBJECT | FIELD_DEFINITION | ENUM | ENUM_VALUE | INPUT_OBJECT | SCHEMA | UNION | INTERFACE | SCALAR | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
interface I @meta { id: ID! name(n: Int = 1): String }
interface J implements I { id: ID! name(n: Int = 1): String self: J! }
type Query {
  a: A b(x: Int, in: In, es: [E!], s: String = "x", id: ID, f: Float, t: Boolean): B
  i: I j: J u: U us: [U!]! e: E n: Int nn: Int! list: [[Int!]] any(d: Date): Date
}
type A implements I & J { id: ID! name(n: Int = 1 , m: Int): String self: A! a: A b: B n: Int f: Float @deprecated }
"A type" type B { id: ID n: String a(one: One): [A!] e(e: E!, one: One): E! req(r: Int!, l: [[Int]!]): Boolean }
union U = A | B
enum E { X Y @deprecated(reason: "no") ZZ }
input In { n: Int! s: String = "d" in: In list: [Int!] e: E = X deep: [[In!]!] }
input One @oneOf { a: Int b: String }
scalar Date @specifiedBy(url: "u")
type Mutation { set(in: In!): A }
type Subscription { a: A b: B n: Int }
)";

/// More definitions, each of which may be added to a schema.
constexpr Text more_definitions[] = {
    "extend type A { extra: Int }",
    "extend type Query @meta(x: 2)",
    "extend type Nowhere { a: Int }",
    "extend union U = C type C { c: Int }",
    "extend enum E { W }",
    "extend input In { more: Boolean = true }",
    "extend interface I { more: Int }",
    "extend schema { mutation: A }",
    "extend schema @meta",
    "extend directive @once @meta",
    "schema { query: Query mutation: Mutation }",
    "schema @meta { query: A subscription: B }",
    "schema { query: E }",
    "schema { query: Query } schema { query: A }",
    "schema { query: Query query: A }",
    "type Query { twice: Int }",
    "type T implements I { id: ID! }",
    "type T implements I { id: ID name: String }",
    "type T implements J { id: ID! name(n: Int): String self: T! }",
    "type T implements I & J { id: ID! name(n: Int, more: Int!): String self: T! }",
    "type T implements I & I { id: ID! name(n: String): String }",
    "type T implements A { a: Int }",
    "interface K implements K { a: Int }",
    "interface K implements L { a: Int } interface L implements K { a: Int }",
    "union V = A | A",
    "union V = E",
    "union V",
    "enum F { a a }",
    "enum F { true }",
    "enum F { __a }",
    "enum F",
    "input N { n: N! }",
    "input N { m: M! } input M { a: Int n: N! }",
    "input N { a: A }",
    "input N { a: Int a: Int }",
    "input N { a: In = {n: 1, n: 2} }",
    "type T { a: Int a: Int }",
    "type T { a(x: Int, x: Int): Int }",
    "type T { a(x: A): Int }",
    "type T { a: In }",
    "type T { a: Missing }",
    "type T { a: Int @missing }",
    "type T { a: Int @meta @meta }",
    "type T { a: Int @meta(x: 1, x: 2) }",
    "type T { a: Int @meta(z: 1) }",
    "type T { a: Int @tag }",
    "type T { a: Int @specifiedBy(url: null) }",
    "type T",
    "type __T { a: Int }",
    "type T { __a: Int }",
    "scalar Int",
    "directive @skip on FIELD",
    "directive @tag on FIELD",
    "directive @self(x: Int @self) on ARGUMENT_DEFINITION",
    "directive @two(a: Int, a: Int) on FIELD",
    "directive @__x on FIELD",
    "directive @bad(a: A) on FIELD",
    "\"described\" extend type A { extra: Int }",
    "\"\" enum G { \"\" G }",
    "extend type __Type { a: Int }",
    "extend type __Schema implements I",
    "extend enum E { XA XB XC XD XE XF XG XH XI XJ XK XL XM XN XO XP XQ XR XS XT }",
    "extend enum E { XAA XAB XAC XAD XAE XAF XAG XAH XAI XAJ XBA XBB XBC XBD XBE XBF XBG XBH XBI "
    "XBJ XCA XCB XCC XCD XCE XCF XCG XCH XCI XCJ XDA XDB XDC XDD XDE XDF XDG XDH XDI XDJ XEA XEB "
    "XEC XED XEE XEF XEG XEH XEI XEJ XFA XFB XFC XFD XFE XFF XFG XFH XFI XFJ }",
    "extend type A { baa: Int bab: Int bac: Int bad: Int bae: Int baf: Int bag: Int bah: Int bai: "
    "Int baj: Int bba: Int bbb: Int bbc: Int bbd: Int bbe: Int bbf: Int bbg: Int bbh: Int bbi: Int "
    "bbj: Int bca: Int bcb: Int bcc: Int bcd: Int bce: Int bcf: Int bcg: Int bch: Int bci: Int "
    "bcj: Int bda: Int bdb: Int bdc: Int bdd: Int bde: Int bdf: Int bdg: Int bdh: Int bdi: Int "
    "bdj: Int }",
    "\"\"\"\n  block\n    indented\n\n\"\"\" scalar G",
};

/// Texts at the edges of the grammar.
constexpr Text odd_queries[] = {"{a}\ufeff",
                                "\ufeff{a}",
                                "{a\u00a0}",
                                "{a}\177",
                                "{b(x:\"\177\")}",
                                "\"\"\"x\"\"\" {a}",
                                "\"\"\"x\n\n\"\"\" query{a}",
                                "{b(x:\"\"\"\n  \"quoted\" \\\"\"\" \n\"\"\")}",
                                "{b(x:\"\\u{0}\")}",
                                "{b(x:\"\\u{}\")}",
                                "{b(x:\"\\u{123456789}\")}",
                                "{b(x:\"\\u{D800}\")}",
                                "{b(x:\"\\uD83D\\uDE00\")}",
                                "{b(x:\"\\uD83Dx\")}",
                                "{b(x:\"\\uDE00\")}",
                                "{b(x:\"\\uD83D\\u0041\")}",
                                "{b(x:\"\\u12\")}",
                                "{b(x:\"\\u12",
                                "{b(x:\"\\",
                                "{b(x:\"a",
                                "{b(x:\"\"\"a",
                                "{b(x:\"a\nb\")}",
                                "{b(x:\"\\z\")}",
                                "{b(x:\"\\é\")}",
                                "{b(x:1é)}",
                                "{b(x:1.é)}",
                                "{b(x:-é)}",
                                "{b(x:0é)}",
                                "{b(x:01)}",
                                "{b(x:1e)}",
                                "{b(x:1e+)}",
                                "{é}",
                                "{a} é",
                                "..",
                                "{..a}",
                                "{...}",
                                "{... on}",
                                "{...on}",
                                "fragment on on Query {a}",
                                "{a(}",
                                "{a()}",
                                "query(){a}",
                                "query($a){a}",
                                "query($a:){a}",
                                "query($a:[]){a}",
                                "query($a:[Int){a}",
                                "query($a:Int=$b){a}",
                                "query($a:Int=[$b]){a}",
                                "{}",
                                "{a{}}",
                                "#",
                                "",
                                "query",
                                "query Q",
                                "mutation{",
                                "subscription{a b}",
                                "{a @}",
                                "{a @d()}",
                                "{a:}",
                                "{a:b:c}",
                                "{b(x:)}",
                                "{b(x:{a})}",
                                "{b(x:{a:})}",
                                "{b(x:[)}",
                                "{b(x:{)}",
                                "{b x:1)}",
                                "{\"a\"}",
                                "{1}",
                                "{a,,,b}",
                                "{a}{a}",
                                "query A{a} query A{a}",
                                "query A{a} {a}",
                                "fragment F on Query{a}",
                                "{...F ...F} fragment F on Query{a}",
                                "{...F} fragment F on Query{...F}",
                                "{...F} fragment F on Query{...G} fragment G on Query{...F}",
                                "{...F} fragment F($x:Int) on Query{b(x:$x)}",
                                "fragment F on Query{a} fragment F on Query{a} {...F}",
                                "{__typename}",
                                "{__schema{types{name}}}",
                                "{__type(name:1){name}}",
                                "{__type{name}}",
                                "query @skip(if:true){a}",
                                "query($v:Int @x){b(x:$v)}",
                                "query($v:Int,$v:Int){b(x:$v)}",
                                "\"d\" query($v:Int){b(x:$v)}",
                                "query(\"d\" $v:Int){b(x:$v)}",
                                "\"d\" fragment F on Query{a} {...F}",
                                "\r\n{\r\n zz }",
                                "{\r zz }",
                                "{\n\r zz }"};

/// As above.
constexpr Text odd_schemas[] = {"extend type Query{a:Int}",
                                "extend type Query",
                                "extend scalar X",
                                "extend union U",
                                "extend union U=",
                                "extend enum E",
                                "extend enum E{}",
                                "extend input I",
                                "extend input I @a(b:$c)",
                                "extend interface I",
                                "extend schema",
                                "extend schema{}",
                                "extend directive @a",
                                "extend directive a",
                                "extend foo",
                                "\"d\" extend type Q{a:Int}",
                                "\"\" extend type Q{a:Int}",
                                "type",
                                "type A implements",
                                "type A implements &",
                                "type A implements & B",
                                "type A implements B & ",
                                "type A implements B C",
                                "type A implements B{a:Int}",
                                "union U = |",
                                "union U = | A",
                                "union U = A |",
                                "union U A",
                                "enum E{a b}",
                                "enum E{a @d}",
                                "enum E{1}",
                                "input I{a:Int=1 @d}",
                                "input I{a(x:Int):Int}",
                                "input I{a:Int=$x}",
                                "scalar S @d(x:1)",
                                "scalar",
                                "schema",
                                "schema{}",
                                "schema{query}",
                                "schema{query:}",
                                "schema{foo:Q}",
                                "schema @d{query:Q}",
                                "directive",
                                "directive @",
                                "directive @d",
                                "directive @d on",
                                "directive @d on |",
                                "directive @d on | FIELD",
                                "directive @d on FIELD |",
                                "directive @d on FOO",
                                "directive @d on FIELD FIELD",
                                "directive @d repeatable on FIELD",
                                "directive @d repeatable FIELD",
                                "directive @d @e on FIELD",
                                "directive @d(x:Int) @e repeatable on FIELD",
                                "type A{a:[Int!]!}",
                                "type A{a:[[Int]}",
                                "type A{a:Int!!}",
                                "type A{a}",
                                "type A{a:}",
                                "type A{a()}",
                                "type A{a(x):Int}",
                                "type A{a(x:Int=\"s\"):Int}",
                                "type A{\"d\" a(\"e\" x:Int):Int}",
                                "type A{} type B",
                                "\"d\" \"e\" type A",
                                "\"d\"",
                                "\"d\" foo",
                                "interface I implements J & K @d{a:Int}",
                                "type A \"x\"{a:Int}",
                                "type A{a:Int} # c",
                                "# only",
                                "\"\"\"d\"\"\" schema{query:Q}",
                                "\"d\" directive @d on FIELD",
                                "\"d\" scalar S",
                                "type A{\"\" a:Int}",
                                "{a}",
                                "query{a}"};

constexpr Text pieces[] = {
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "|",
    "&",
    "...",
    "@",
    "$",
    ",",
    "on",
    "query",
    "mutation",
    "type",
    "enum",
    "input",
    "union",
    "scalar",
    "extend",
    "schema",
    "fragment",
    "interface",
    "A",
    "B",
    "U",
    "E",
    "I",
    "In",
    "Query",
    "Int",
    "String",
    "a",
    "b",
    "n",
    "id",
    "name",
    "X",
    "F",
    "v",
    "__typename",
    "1",
    "-1",
    "0",
    "007",
    "1.5",
    "1e400",
    "-",
    "1.",
    "1e",
    "3000000000",
    "99999999999999999999",
    "true",
    "false",
    "null",
    "\"s\"",
    "\"\"",
    "\"\\u00e9\\n\\uD83D\\uDE00\"",
    "\"\\u{1F600}\"",
    "\"\\u{110000}\"",
    "\"\\x\"",
    "\"open",
    "\"\\uD800\"",
    "\"\\u12\"",
    "\"\t\x7f\"",
    "\"\"\"b\"\"\"",
    "\"\"\"\n  a\r\n    b \\\"\"\" \"\n  \"\"\"",
    "\"\"\"open",
    "# c\n",
    "#é\n",
    "\n",
    "\r\n",
    "\ufeff",
    "é",
    "\x01",
    "'",
    ".",
    "@tag(y: \"s\")",
    "@once",
    "@skip(if: true)",
    "@include(if: $v)",
    "@meta",
    "@defer",
    "implements",
    "directive",
    "repeatable",
    "FIELD",
    "subscription",
    "deprecated",
    "oneOf",
    "__schema",
    "fields",
    "{a: 1}",
    "[1, 2]",
};

struct FieldRow {
  Text type, field, result;
};

constexpr FieldRow fields[] = {
    {"Query", "a", "A"},
    {"Query", "b", "B"},
    {"Query", "i", "I"},
    {"Query", "j", "J"},
    {"Query", "u", "U"},
    {"Query", "us", "U"},
    {"Query", "e", ""},
    {"Query", "n", ""},
    {"Query", "nn", ""},
    {"Query", "list", ""},
    {"Query", "any", ""},
    {"Query", "__schema", "__Schema"},
    {"Query", "__type(name: \"A\")", "__Type"},
    {"Query", "__typename", ""},
    {"A", "id", ""},
    {"A", "name", ""},
    {"A", "self", "A"},
    {"A", "a", "A"},
    {"A", "b", "B"},
    {"A", "n", ""},
    {"A", "f", ""},
    {"B", "id", ""},
    {"B", "n", ""},
    {"B", "a", "A"},
    {"B", "e(e: X)", ""},
    {"B", "req(r: 1)", ""},
    {"I", "id", ""},
    {"I", "name", ""},
    {"J", "self", "J"},
    {"J", "id", ""},
    {"Mutation", "__typename", ""},
    {"U", "__typename", ""},
    {"Mutation", "set(in: {n: 1})", "A"},
    {"Subscription", "a", "A"},
    {"Subscription", "b", "B"},
    {"Subscription", "n", ""},
    {"__Schema", "types", "__Type"},
    {"__Schema", "queryType", "__Type"},
    {"__Schema", "__typename", ""},
    {"__Type", "name", ""},
    {"__Type", "fields", "__Field"},
    {"__Type", "interfaces", "__Type"},
    {"__Type", "ofType", "__Type"},
    {"__Field", "name", ""},
    {"__Field", "type", "__Type"},
};

constexpr Text type_names[] = {"Query",   "A",      "B",      "I",        "J",
                               "U",       "E",      "In",     "One",      "Int",
                               "Float",   "String", "Date",   "ID",       "Boolean",
                               "Missing", "Aa",     "__Type", "Mutation", "Subscription"};
constexpr Text argument_names[] = {"x", "in", "es", "s", "id", "f",  "t", "e",   "one",
                                   "r", "l",  "n",  "m", "d",  "if", "y", "name"};
constexpr Text input_names[] = {"n", "s", "in", "list", "e", "deep", "a", "b", "zz", "lists"};
constexpr Text scalars[] = {"1",
                            "0",
                            "-5",
                            "2147483648",
                            "1.5",
                            "1e5",
                            "\"s\"",
                            "\"\"\"b\"\"\"",
                            "true",
                            "false",
                            "null",
                            "X",
                            "Y",
                            "W",
                            "XX",
                            "y",
                            "99999999999999999999",
                            "1e999",
                            "\"x\"",
                            "\"q\\\"\\u0080\\u007f\""};
constexpr Text variables[] = {"v", "w", "x"};
constexpr Text fragments[] = {"F", "G", "H", "K"};
constexpr Text operations[] = {"query", "query", "query", "mutation", "subscription"};

/// The tokens of a text, with its blanks between them left out.
Tokens split(Text text) {
  Tokens out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t start = i++;
    char c = text[start];
    auto is_word = [](char d) {
      return std::isalnum(static_cast<unsigned char>(d)) || d == '_' || d == '.' || d == '-';
    };
    if (c == ' ' || c == '\n') continue;
    if (c == '"') {
      bool block = text.substr(start).starts_with("\"\"\"");
      std::size_t end = text.find(block ? Text("\"\"\"") : Text("\""), start + (block ? 3 : 1));
      i = std::min(end, text.size()) + (block ? 3 : 1);
    } else if (is_word(c)) {
      while (i < text.size() && is_word(text[i])) ++i;
    }
    out.emplace_back(text.substr(start, i - start));
  }
  return out;
}

class Writer {
 public:
  explicit Writer(std::mt19937_64& random) : random_(random) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t percent) { return below(100) < percent; }

  Tokens query() {
    careful_ = chance(50);
    for (std::size_t i = slips(20) ? below(4) : 1; i > 0; --i) operation();
    for (std::size_t i = 0; i < spread_types_.size(); ++i) right_fragment(i);
    for (std::size_t i = slips(50) ? below(4) : 0; i > 0; --i) fragment();
    return std::move(out_);
  }

  Tokens schema() {
    if (!chance(10)) out_ = split(base_schema);
    for (std::size_t i = chance(50) ? 0 : 1 + below(chance(80) ? 1 : 4); i > 0; --i) {
      Tokens more = split(pick(more_definitions));
      out_.insert(chance(50) ? out_.begin() : out_.end(), more.begin(), more.end());
    }
    return std::move(out_);
  }

  /// Changes some tokens.
  void change(Tokens& tokens) {
    for (std::size_t i = chance(75) ? 0 : 1 + below(3); i > 0 && !tokens.empty(); --i) {
      auto at = tokens.begin() + static_cast<std::ptrdiff_t>(below(tokens.size()));
      std::string other(chance(50) ? pick(pieces) : Text(tokens[below(tokens.size())]));
      switch (below(4)) {
        case 0:
          tokens.erase(at);
          break;
        case 1:
          tokens.insert(at, other);
          break;
        case 2:
          *at = other;
          break;
        default:
          std::swap(*at, tokens[below(tokens.size())]);
      }
    }
  }

 private:
  /// Whether something is wrong on purpose.
  bool slips(std::size_t percent) { return !careful_ && chance(percent); }

  template <std::size_t size>
  Text pick(const Text (&choices)[size]) {
    return choices[below(size)];
  }

  void add(Text text) {
    for (std::string& token : split(text)) out_.push_back(std::move(token));
  }

  void operation() {
    Text kind = pick(operations);
    if (!chance(40) || kind != "query") {
      add(kind);
      if (chance(60)) add(chance(80) ? "Q" : "R");
      if (slips(50)) variable_definitions();
      if (careful_ && kind == "query" && chance(50)) return query_with_variables();
      directives();
    }
    std::string root(kind);
    root[0] = static_cast<char>(root[0] - 'a' + 'A');
    selections(root, 4);
  }

  void query_with_variables() {
    add(pick({"($v: Int = 1) { b(x: $v) { n } }",
              "($v: ID!, $t: Boolean!) { b(id: $v, t: $t) { id } }",
              "($v: In!) { b(in: {n: 1, in: $v}) { ...FB } } fragment FB on B { n }",
              "($v: [E!]) { b(es: $v) { a { f } e(e: X) } }",
              "($v: String!) { b { a(one: {b: $v}) { id name } } }",
              "($v: Boolean!) { a @include(if: $v) { id } n @skip(if: $v) }",
              "($v: Date) { any(d: $v) list __typename }"}));
  }

  void variable_definitions() {
    add("(");
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      add("$");
      add(pick(variables));
      add(":");
      type(2);
      if (chance(30)) {
        add("=");
        value(2, false);
      }
      if (chance(10)) directives();
    }
    add(")");
  }

  void type(int depth) {
    if (depth > 0 && chance(25)) {
      add("[");
      type(depth - 1);
      add("]");
    } else {
      add(chance(70) ? pick({"Int", "String", "In", "E", "ID", "Float", "Boolean", "One"})
                     : pick(type_names));
    }
    if (chance(35)) add("!");
  }

  Text pick(std::initializer_list<Text> choices) { return choices.begin()[below(choices.size())]; }

  void value(int depth, bool with_variables) {
    if (with_variables && chance(25)) {
      add("$");
      add(pick(variables));
    } else if (depth > 0 && chance(20)) {
      add("[");
      for (std::size_t i = below(3); i > 0; --i) value(depth - 1, with_variables);
      add("]");
    } else if (depth > 0 && chance(30)) {
      add("{");
      for (std::size_t i = below(4); i > 0; --i) {
        add(pick(input_names));
        add(":");
        value(depth - 1, with_variables);
      }
      add("}");
    } else {
      add(pick(scalars));
    }
  }

  void directives() {
    if (!slips(12)) return;
    do {
      add(pick({"@tag(y: \"s\")", "@tag", "@once", "@once(in: {n: 1})", "@skip(if: true)",
                "@include(if: $v)", "@missing", "@tag(y: 1, y: 2)", "@once(inn: 1)", "@defer"}));
    } while (chance(30));
  }

  void arguments() {
    add("(");
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      add(pick(argument_names));
      add(":");
      value(3, true);
    }
    add(")");
  }

  const FieldRow& some_field(Text type, int depth) {
    std::vector<const FieldRow*> found;
    for (const FieldRow& row : fields)
      if (row.type == type && (depth > 0 || row.result.empty())) found.push_back(&row);
    bool wrong = found.empty() || slips(4);
    return wrong ? fields[below(std::size(fields))] : *found[below(found.size())];
  }

  void selections(Text type, int depth) {
    add("{");
    for (std::size_t i = 1 + below(depth > 1 ? 4 : 2); i > 0; --i) {
      if (slips(8)) {
        spread();
      } else if (careful_ && depth > 1 && type != "Query" && chance(15)) {
        right_spread(type);
      } else if (depth > 0 && chance(8)) {
        inline_fragment(type, depth);
      } else {
        field(type, depth);
      }
    }
    add("}");
  }

  void field(Text type, int depth) {
    const FieldRow& row = some_field(type, depth);
    if (chance(12)) {
      std::string alias = "alias" + std::to_string(out_.size());
      add(careful_ ? Text(alias) : pick({"a", "n", "id", "z"}));
      add(":");
    }
    add(slips(3) ? pick({"aa", "bb", "bzz"}) : row.field);
    if (row.field.find('(') == Text::npos && slips(row.field == "b" ? 50 : 8)) arguments();
    if (careful_ && type == "Query" && row.field == "b") right_arguments();
    directives();
    if (row.result.empty() ? slips(2) : depth > 0 && !slips(3))
      selections(row.result.empty() ? Text("A") : row.result, depth - 1);
  }

  void right_arguments() {
    add(pick({"", "(x: 1)", "(in: {n: 1, deep: [[{n: 2}], []]})", "(es: [X, ZZ])", "(es: Y)",
              "(s: null)", "(id: 5)", "(f: 1)", "(t: true, x: -2147483648)", "(s: \"\")"}));
  }

  void right_spread(Text type) {
    add("...");
    add("On" + std::to_string(spread_types_.size()));
    spread_types_.emplace_back(type);
  }

  /// The fragment of the spread of that number.
  void right_fragment(std::size_t number) {
    std::string type = spread_types_[number];
    add("fragment On" + std::to_string(number) + " on");
    add(type);
    selections(type, 1);
  }

  void spread() {
    add("...");
    add(pick(fragments));
    directives();
  }

  void inline_fragment(Text type, int depth) {
    add("...");
    Text condition = type;
    if (chance(80)) {
      add("on");
      if (!careful_) condition = chance(60) ? pick({"A", "B", "I", "U", "J"}) : pick(type_names);
      add(condition);
    }
    directives();
    selections(condition, depth - 1);
  }

  void fragment() {
    add("fragment");
    add(pick(fragments));
    add("on");
    Text type = chance(70) ? pick({"A", "B", "Query", "I", "U"}) : pick(type_names);
    add(type);
    directives();
    selections(type, 2);
  }

  std::mt19937_64& random_;
  Tokens out_;
  bool careful_ = false;                   // nothing is wrong on purpose
  std::vector<std::string> spread_types_;  // of right spreads
};

/// A text whose tokens can go one by one.
Node text_of_tokens(const Tokens& tokens, Writer& writer) {
  std::vector<Node> children;
  for (const std::string& token : tokens) {
    std::string text = token + (writer.chance(8) ? "\n" : writer.chance(2) ? " # c\n" : " ");
    std::string json = nlohmann::json(text).dump();
    children.push_back(leaf(Sort::fixed, json.substr(1, json.size() - 2)));
  }
  return list(Sort::json, 0, "\"", "", "\"", std::move(children));
}

/// What lictor makes of a text; null if that is wrong.
nlohmann::json parse(const char* builtin, const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token + " ";
  Arena arena;
  builtins::Environment environment;
  Value operands[] = {Value::string(text)};
  const builtins::Builtin& called = *builtins::Table::standard()->get(builtin);
  builtins::Call call{called, arena, operands, environment};
  Value out = called.function(call);
  return call.failed ? nlohmann::json() : nlohmann::json::parse(json::to_json(out));
}

constexpr Text member_names[] = {"Name",
                                 "name",
                                 "Alias",
                                 "Kind",
                                 "Raw",
                                 "Type",
                                 "NamedType",
                                 "Elem",
                                 "NonNull",
                                 "Value",
                                 "Children",
                                 "Arguments",
                                 "Directives",
                                 "SelectionSet",
                                 "TypeCondition",
                                 "Operation",
                                 "Fields",
                                 "Operations",
                                 "Definitions",
                                 "Fragments",
                                 "Comment",
                                 "List",
                                 "Position",
                                 "BuiltIn",
                                 "Types",
                                 "Interfaces",
                                 "EnumValues",
                                 "DefaultValue",
                                 "Definition",
                                 "ObjectDefinition",
                                 "Used",
                                 "Locations",
                                 "IsRepeatable",
                                 "Description",
                                 "Variable",
                                 "VariableDefinitions",
                                 "VariableDefinition",
                                 "OperationTypes",
                                 "ExpectedType",
                                 "Location",
                                 "unknown",
                                 "definitions"};
constexpr Text member_values[] = {"5",
                                  "1.5",
                                  "-1",
                                  "99999999999999999999",
                                  "\"a\"",
                                  "\"A\"",
                                  "\"Query\"",
                                  "\"\"",
                                  "true",
                                  "false",
                                  "null",
                                  "[]",
                                  "{}",
                                  "[5]",
                                  "[\"a\"]",
                                  "[{}]",
                                  "[null]",
                                  "{\"Name\": \"a\"}",
                                  "{\"Name\": 5}",
                                  "[{\"Name\": 5}]",
                                  "{\"List\": [{\"Value\": \"# c\"}]}",
                                  "{\"NamedType\": \"Int\"}",
                                  "{\"Kind\": 1, \"Raw\": \"1\"}",
                                  "{\"Kind\": 77}",
                                  "{\"Line\": 1, \"Column\": 2, \"Src\": {\"Name\": \"f\"}}",
                                  "{\"Line\": 1, \"Column\": \"x\"}",
                                  "[{\"TypeCondition\": \"A\", \"Alias\": 1}]",
                                  "[{\"Name\": \"F\", \"Alias\": 1}]"};

/// A tree that can be shrunk, some of whose parts are changed.
class TreeWriter {
 public:
  TreeWriter(Writer& writer, std::size_t size) : writer_(writer), size_(size + 1) {}

  Node write(const nlohmann::json& json) {
    if (writer_.below(size_) == 0 && writer_.chance(60))
      return leaf(Sort::json, std::string(member_values[writer_.below(std::size(member_values))]));
    if (json.is_object()) return write_object(json);
    if (!json.is_array()) return leaf(Sort::json, json.dump());
    std::vector<Node> items;
    for (const nlohmann::json& item : json) items.push_back(write(item));
    return list(Sort::json, 0, "[", ", ", "]", std::move(items));
  }

 private:
  Node write_object(const nlohmann::json& json) {
    std::vector<Node> members;
    for (const auto& [name, value] : json.items())
      if (writer_.below(size_) != 0) members.push_back(member(name, write(value)));
    if (writer_.below(size_) == 0) {
      Text name = member_names[writer_.below(std::size(member_names))];
      Text value = member_values[writer_.below(std::size(member_values))];
      if (!json.contains(name))
        members.push_back(member(name, leaf(Sort::json, std::string(value))));
    }
    return list(Sort::json, 0, "{", ", ", "}", std::move(members));
  }

  static Node member(Text name, Node value) {
    return node(Sort::fixed, "\"" + std::string(name) + "\": ", "", "", {std::move(value)});
  }

  Writer& writer_;
  std::size_t size_;
};

std::size_t count_parts(const nlohmann::json& json) {
  std::size_t out = 1;
  if (json.is_structured())
    for (const nlohmann::json& part : json) out += count_parts(part);
  return out;
}

Node document(Writer& writer, Tokens tokens, const char* parser, bool may_be_tree,
              std::span<const Text> odd_texts) {
  if (writer.chance(15)) {
    Text text = odd_texts[writer.below(odd_texts.size())];
    return leaf(Sort::json, nlohmann::json(text).dump());
  }
  if (may_be_tree && writer.chance(25)) {
    nlohmann::json tree = parse(parser, tokens);
    if (tree.is_object()) return TreeWriter(writer, count_parts(tree)).write(tree);
  }
  writer.change(tokens);
  return text_of_tokens(tokens, writer);
}

}  // namespace

Node graphql_query(std::mt19937_64& random, bool may_be_tree) {
  Writer writer(random);
  Tokens tokens = writer.query();
  return document(writer, std::move(tokens), "graphql.parse_query", may_be_tree, odd_queries);
}

Node graphql_schema(std::mt19937_64& random, bool may_be_tree) {
  Writer writer(random);
  Tokens tokens = writer.schema();
  return document(writer, std::move(tokens), "graphql.parse_schema", may_be_tree, odd_schemas);
}

}  // namespace lictor::builtin_calls
