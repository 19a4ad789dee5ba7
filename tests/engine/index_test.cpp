// Indexes of rules and of rows: the same answers as without, and what they say of themselves.
#include <gtest/gtest.h>

#include "query.hpp"

namespace {

std::string answer(bool index, const std::string& module, const std::string& data,
                   const std::string& input, const std::string& query = "data.a.p") {
  lictor::EngineOptions options;
  options.index = index;
  lictor::Engine engine(options);
  engine.add_module("a.rego", module);
  engine.add_data(data);
  auto prepared = engine.prepare(query);
  if (!prepared) return prepared.error().render();
  std::string_view text = input;
  auto result = prepared->eval(&text);
  if (!result) return result.error().summary();
  if (result->rows().empty()) return "undefined";
  return lictor::to_json(result->rows()[0].expressions[0].value);
}

void expect_same(const std::string& module, const std::string& data,
                 const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [input, want] : cases) {
    EXPECT_EQ(answer(true, module, data, input), want) << input;
    EXPECT_EQ(answer(false, module, data, input), want) << input << " without indexes";
  }
}

/// Rules that tell their names, each by its test of one value.
std::string rules_of(const std::vector<std::string>& tests) {
  std::string out = "package a\n";
  for (std::size_t i = 0; i < tests.size(); ++i)
    out += "p contains " + std::to_string(i) + " if { " + tests[i] + " }\n";
  return out;
}

TEST(RuleIndex, finds_the_rules_that_allow_a_value) {
  std::string module = rules_of({"input.x == \"a\"", "input.x == 1", "input.x == null", "input.y",
                                 "input.x in {\"a\", \"b\"}", "y := input.x; y == [1]",
                                 "input.x == true", "input.x = \"\"", "input.x == 1; input.y"});
  expect_same(module, "{}",
              {{R"({"x": "a"})", "[0,4]"},
               {R"({"x": 1.0, "y": 7})", "[1,3,8]"},
               {R"({"x": 1e0})", "[1]"},
               {R"({"x": null})", "[2]"},
               {R"({"x": [1]})", "[5]"},
               {R"({"x": [1.0]})", "[5]"},
               {R"({"x": {"a": 1}, "y": 0})", "[3]"},
               {R"({"x": ""})", "[7]"},
               {R"({"x": false, "y": false})", "[]"},
               {R"({})", "[]"}});
}

TEST(RuleIndex, finds_rules_by_the_start_of_a_text) {
  std::string module = rules_of(
      {"startswith(input.x, \"/\")", "startswith(input.x, \"/a\")", "startswith(input.x, \"/a/b\")",
       "startswith(input.x, \"\")", "glob.match(\"/a/*\", [\"/\"], input.x)",
       "glob.match(\"*/b\", [\"/\"], input.x)", "startswith(input.x, \"é\")",
       "strings.any_prefix_match(input.x, {\"/b\", \"/a/c\"})", "startswith(input.x, \"/z\")",
       "startswith(input.x, \"zz\")"});
  expect_same(module, "{}",
              {{R"({"x": "/a/b/c"})", "[0,1,2,3]"},
               {R"({"x": "/a/b"})", "[0,1,2,3,4]"},
               {R"({"x": "é"})", "[3,6]"},
               {R"({"x": "/b"})", "[0,3,5,7]"},
               {R"({"x": ""})", "[3]"},
               {R"({"x": 1})", "[]"},
               {R"({})", "[]"}});
}

TEST(RuleIndex, finds_rules_by_the_end_of_a_text) {
  std::string module = rules_of(
      {"endswith(input.x, \".go\")", "endswith(input.x, \"o\")", "endswith(input.x, \"_test.go\")",
       "endswith(input.x, \"\")", "strings.any_suffix_match(input.x, {\".cpp\", \"t.go\"})",
       "y := input.x; endswith(y, \"é\")", "endswith(input.x, \".rs\")",
       "endswith(input.x, \".py\")", "input.x == \"a.rs\"", "endswith(input.x, \"s\"); input.y"});
  expect_same(module, "{}",
              {{R"({"x": "a_test.go"})", "[0,1,2,3,4]"},
               {R"({"x": "o"})", "[1,3]"},
               {R"({"x": "a.cpp"})", "[3,4]"},
               {R"({"x": "é"})", "[3,5]"},
               {R"({"x": "a.rs", "y": 1})", "[3,6,8,9]"},
               {R"({"x": ""})", "[3]"},
               {R"({"x": ["o"]})", "[]"},
               {R"({})", "[]"}});
}

TEST(RuleIndex, tells_short_keys_from_long_and_equal_ones) {
  std::string module =
      rules_of({R"(input.x == "")", R"(input.x == "\u0000")", R"(input.x == "12345678")",
                R"(input.x == "123456789")", R"(input.x == "abcdefghijklmnopqrstuvw")",
                R"(input.x == "abcdefghijklmnopqrstuvwx")", R"(input.x == 9007199254740993)",
                R"(input.x == 12345678901234567890)", R"(input.x == -9223372036854775808)",
                R"(input.x == 0.5)", R"(input.x == {"a": 1})", R"(input.x == 0)",
                R"(input.x == false)", R"(input.x == null)"});
  expect_same(module, "{}",
              {{R"({"x": ""})", R"([0])"},
               {R"({"x": "\u0000"})", R"([1])"},
               {R"({"x": "12345678"})", R"([2])"},
               {R"({"x": "123456789"})", R"([3])"},
               {R"({"x": "abcdefghijklmnopqrstuvw"})", R"([4])"},
               {R"({"x": "abcdefghijklmnopqrstuvwx"})", R"([5])"},
               {R"({"x": "abcdefghijklmnopqrstuvwxy"})", R"([])"},
               {R"({"x": 9007199254740993.0})", R"([6])"},
               {R"({"x": 9007199254740992})", R"([])"},
               {R"({"x": 12345678901234567890.0})", R"([7])"},
               {R"({"x": -9223372036854775808.0})", R"([8])"},
               {R"({"x": 5e-1})", R"([9])"},
               {R"({"x": {"a":1.0}})", R"([10])"},
               {R"({"x": -0})", R"([11])"},
               {R"({"x": false})", R"([12])"},
               {R"({"x": null})", R"([13])"},
               {R"({"x": 1})", R"([])"}});
}

TEST(RuleIndex, knows_items_of_patterns) {
  std::string module =
      rules_of({R"(input.l = ["a", x]; x == 1)", R"(input.l = ["b", x]; x == 1)",
                R"(input.l = ["a", x, "z"])", R"(input.l[0] == "c")", R"(input.l = ["a", "b"])",
                R"(input.l = [1.0, x])", R"(input.l = ["a", x]; input.l = ["a", 2])",
                R"(input.l = ["d", "d"]; input.l[1] == "d")", R"(input.l = [["a"], x])"});
  expect_same(module, "{}",
              {{R"({"l": ["a",1]})", R"([0])"},
               {R"({"l": ["b",1.0]})", R"([1])"},
               {R"({"l": ["a",1,"z"]})", R"([2])"},
               {R"({"l": ["c"]})", R"([3])"},
               {R"({"l": ["a","b"]})", R"([4])"},
               {R"({"l": [1,7]})", R"([5])"},
               {R"({"l": ["a",2]})", R"([6])"},
               {R"({"l": ["d","d"]})", R"([7])"},
               {R"({"l": [["a"],0]})", R"([8])"},
               {R"({"l": "a"})", R"([])"},
               {R"({"l": ["c",2]})", R"([3])"}});
}

TEST(RuleIndex, knows_starts_of_globs) {
  std::string module = rules_of(
      {R"(glob.match("/a/*", ["/"], input.x))", R"(glob.match("/a/*/c", ["/"], input.x))",
       R"(glob.match("/b/*", ["/"], input.x))", R"(glob.match("a.*", [], input.x))",
       R"(glob.match("a.*", ["."], input.x); input.y)", R"(glob.match("é/*", ["/"], input.x))",
       R"(y := input.x; glob.match("/a/*", ["/"], y))", R"(glob.match("/a/b", ["/"], input.x))",
       R"(glob.match("/a/*/", ["/"], input.x))", R"(glob.match("*", ["/"], input.x))"});
  expect_same(module, "{}",
              {{R"({"x": "/a/b"})", R"([0,6,7])"},
               {R"({"x": "/a/"})", R"([0,6])"},
               {R"({"x": "/a/b/c"})", R"([1])"},
               {R"({"x": "/a//"})", R"([8])"},
               {R"({"x": "/b/é"})", R"([2])"},
               {R"({"x": "a.b"})", R"([3,9])"},
               {R"({"x": "a.b.c"})", R"([9])"},
               {R"({"x": "é/é"})", R"([5])"},
               {R"({"x": ""})", R"([9])"},
               {R"({"x": 7})", R"([])"},
               {R"({"x": "/a/b/"})", R"([8])"}});
}

TEST(RuleIndex, finds_functions_by_their_arguments_and_falls_back_to_else_and_default) {
  std::string module =
      "package a\np := f(input.x, input.y)\ndefault f(_, _) := \"none\"\n"
      "f(\"a\", y) := y\nf(\"b\", _) := 2\nf([\"c\", z], _) := z\nf(x, 1) := 4 if x == \"d\"\n"
      "f(x, _) := 5 if x == \"e\" else := 6 if x == \"f\"\nf(\"g\", _) := 7\nf(\"h\", _) := 8\n"
      "f(\"i\", _) := 9\n";
  expect_same(module, "{}",
              {{R"({"x": "a", "y": 3})", "3"},
               {R"({"x": ["c", 0], "y": 3})", "0"},
               {R"({"x": "d", "y": 1})", "4"},
               {R"({"x": "d", "y": 2})", "\"none\""},
               {R"({"x": "f", "y": 2})", "6"},
               {R"({"x": "z", "y": 2})", "\"none\""}});
}

TEST(RuleIndex, finds_members_by_the_constant_keys_of_heads) {
  std::string module = "package a\np := [k | some k in [\"k1\", \"k9\", input.k]; q[k]]\n";
  for (int i = 0; i < 12; ++i)
    module += "q contains \"k" + std::to_string(i) + "\" if input.n < " + std::to_string(i) + "\n";
  expect_same(module, "{}", {{R"({"k": "k2", "n": 1})", R"(["k9","k2"])"}});
}

TEST(KeyIndex, finds_the_members_of_large_objects) {
  std::string data = "{\"users\": {", constant = "table := {";
  for (int i = 0; i < 500; ++i) {
    std::string comma = i == 0 ? "" : ", ", number = std::to_string(i);
    data += comma + "\"u" + number + "\": " + number;
    constant += comma + number + ": [" + number + "], \"k" + number + "\": " + number;
  }
  std::string module =
      "package a\n" + constant +
      "}\np := [v | some k in input.keys; some t in [data.users, table]; v := t[k]]";
  expect_same(module, data + "}}",
              {{R"({"keys": ["u0", "u499", "k7", 3, 499.0, "u500", "", null, ["u1"]]})",
                "[0,499,7,[3],[499]]"},
               {R"({"keys": [500, "k500", "u7"]})", "[7]"}});
}

TEST(KeyIndex, finds_the_values_of_large_constants) {
  std::string set, array, object;
  for (int i = 0; i < 100; ++i) {
    std::string comma = i == 0 ? "" : ", ", number = std::to_string(i);
    set += comma + "\"s" + number + "\", " + number;
    array += comma + "[" + std::to_string(i / 2) + "]";
    object += comma + "\"k" + number + "\": \"v" + number + "\"";
  }
  std::string module = "package a\nset := {" + set + "}\narray := [" + array + "]\nobject := {" +
                       object +
                       "}\np := [[x in set, x in array, x in object] | some x in input.xs]\n";
  expect_same(module, "{}",
              {{R"({"xs": ["s7", 7.0, [49], "v99", "k1", 100, [50], null]})",
                "[[true,false,false],[true,false,false],[false,true,false],[false,false,true],"
                "[false,false,false],[false,false,false],[false,false,false],"
                "[false,false,false]]"}});
  module +=
      "q := [x | some x in input.xs; not x in set]\nr if not input.xs in array\n"
      "s := [q, r]\n";
  module.replace(module.find("p := "), 4, "t := ");
  module.replace(module.find("s := [q"), 4, "p := ");
  expect_same(module, "{}", {{R"({"xs": ["s7", "s100", 3]})", R"([["s100"],true])"}});
}

TEST(KeyIndex, finds_the_values_of_base_documents) {
  const char* module =
      "package a\nq := [x | some x in input.xs; x in data.l]\n"
      "r := [x | some x in input.xs; x in data.o]\n"
      "s := [x | some x in input.xs; not x in data.l]\n"
      "p := [q, r, s, t, u]\nt if input.xs in data.l\ndefault t := false\n"
      "u := v if v := q with data.l as {\"z\"}\n";
  const char* data = R"({"l": ["x", 1, [2.0], null, "x", false], "o": {"k": "v", "l": 1.0}})";
  expect_same(module, data,
              {{R"({"xs": ["x", 1.0, [2], null, "k", "v", false]})",
                R"([["x",1.0,[2],null,false],[1.0,"v"],["k","v"],false,[]])"},
               {R"({"xs": [2.0]})", R"([[],[],[2.0],true,[]])"},
               {R"({"xs": ["z"]})", R"([[],[],["z"],false,["z"]])"},
               {R"({"xs": 7})", R"([[],[],[],false,[]])"}});
}

constexpr const char* roles = R"({"roles": [
  {"name": "a", "level": 1}, {"name": "b", "level": 2}, {"name": "a", "level": 2.0},
  {"level": 3}, {"name": null}, "a", {"name": ["a"]}], "by": {"x": {"n": 1}, "y": {"n": 2}}})";

TEST(RowIndex, finds_the_rows_that_a_loop_asks_for) {
  const char* module = "package a\np := [r.level | some r in data.roles; r.name == input.n]\n";
  expect_same(module, roles,
              {{R"({"n": "a"})", "[1,2.0]"}, {R"({"n": "c"})", "[]"}, {R"({})", "[]"}});
  expect_same("package a\np := [i | some i, r in data.roles; r.name = input.n; r.level == 2]\n",
              roles, {{R"({"n": "a"})", "[2]"}, {R"({"n": "b"})", "[1]"}});
  expect_same("package a\np := [i | data.roles[i].name == input.n]\n", roles,
              {{R"({"n": null})", "[4]"}, {R"({"n": ["a"]})", "[6]"}});
  expect_same("package a\np := [k | some k; r := data.by[k]; r.n == input.n]\n", roles,
              {{R"({"n": 2.0})", R"(["y"])"}});
  expect_same("package a\np := [i | some i, r in data.roles; r == input.n]\n", roles,
              {{R"({"n": "a"})", "[5]"}});
}

TEST(RowIndex, gives_way_to_replaced_data) {
  const char* module =
      "package a\nq := [r.level | some r in data.roles; r.name == input.n]\n"
      "p := [q, x] if x := q with data.roles as [{\"name\": \"a\", \"level\": 7}]\n";
  expect_same(module, roles, {{R"({"n": "a"})", "[[1,2.0],[7]]"}});
}

TEST(RowIndex, is_not_misled_by_what_other_rules_call_alike) {
  const char* module =
      "package a\nq if { x = input.n; x = \"b\" }\n"
      "p := [x | q; x = data.names[_]; x != input.n]\n";
  expect_same(module, R"({"names": ["a", "b", "c"]})", {{R"({"n": "b"})", R"(["a","c"])"}});
}

TEST(RowIndex, tells_short_keys_from_long_and_equal_ones) {
  const char* module = R"(package a
p1 contains [k, r.n] if { some k, r in data.rows; r.a == input.a; r.b.c == input.b }
p2 contains k if { some k, r in data.rows; r.a == input.a }
w := s if { s := p1 with data.rows as {"x": {"a": 1, "b": {"c": 2}, "n": 9}, "y": {"a": 1, "b": {"c"}, "n": 8}, "v": {"a", "b"}} }
u := s if { s := p2 with data.rows as {"x": {"a": 1}, "y": {"a"}, "v": ["a"]} }
p := [p1, p2, {"w": w}, {"u": u}]
)";
  const char* data =
      R"({"rows": [{"a": 1, "b": {"c": 2}, "n": 1}, {"a": 1.0, "b": {"c": 2}, "n": 2}, {"a": "1", "b": {"c": 2}, "n": 3}, {"a": "abcdefghijklmnopqrstuvwx", "b": {"c": "abcdefghijklmnopqrstuvwx"}, "n": 4}, {"a": "ab", "b": {"c": "c"}, "n": 5}, {"a": "a", "b": {"c": "bc"}, "n": 6}, {"a": 1, "b": 2}, 7, {"a": null, "b": {"c": true}, "n": 7}, {"a": [1], "b": {"c": {}}, "n": 8}, {"a": "ab", "b": {"c": "c"}, "n": 9}]})";
  expect_same(
      module, data,
      {{R"({"a": 1e0, "b": 2.0})", R"([[[0,1],[1,2]],[0,1,6],{"w":[["x",9]]},{"u":["x"]}])"},
       {R"({"a": "ab", "b": "c"})", R"([[[4,5],[10,9]],[4,10],{"w":[]},{"u":[]}])"},
       {R"({"a": "a", "b": "bc"})", R"([[[5,6]],[5],{"w":[]},{"u":["y"]}])"},
       {R"({"a": "abcdefghijklmnopqrstuvwx", "b": "abcdefghijklmnopqrstuvwx"})",
        R"([[[3,4]],[3],{"w":[]},{"u":[]}])"},
       {R"({"a": null, "b": true})", R"([[[8,7]],[8],{"w":[]},{"u":[]}])"},
       {R"({"a": [1.0], "b": {}})", R"([[[9,8]],[9],{"w":[]},{"u":[]}])"},
       {R"({"a": "a", "b": "c"})", R"([[],[5],{"w":[]},{"u":["y"]}])"}});
}

TEST(RowIndex, joins) {
  const char* module =
      "package a\np contains [b.n, r.level] if {\n some b in data.by\n some r in data.roles\n"
      " r.level == b.n\n r.name == input.n\n}\n";
  expect_same(module, roles, {{R"({"n": "a"})", "[[1,1],[2,2.0]]"}});
}

/// The tickets of some owners, each asked for by a body of its own.
std::string tickets_of(const std::string& comprehension) {
  return "package a\np := [[x, m] | some x in input.xs; m := " + comprehension + "]\n";
}

TEST(ComprehensionIndex, groups_what_a_loop_asks_for_again) {
  const char* requests = R"({"xs": ["a", "b", 1.0, "c", "a"], "ts": [{"n": 1, "o": "a"},
      {"n": 2, "o": "b"}, {"n": 3.0, "o": "a"}, {"n": 3, "o": "a"}, {"n": 5, "o": 1}]})";
  auto expect = [&](const std::string& comprehension, const std::string& want) {
    expect_same(tickets_of(comprehension), "{}", {{requests, want}});
  };
  expect("[t.n | some t in input.ts; t.o == x]",
         R"([["a",[1,3.0,3]],["b",[2]],[1.0,[5]],["c",[]],["a",[1,3.0,3]]])");
  expect("{t.n | some t in input.ts; t.o == x}",
         R"([["a",[1,3.0]],["b",[2]],[1.0,[5]],["c",[]],["a",[1,3.0]]])");
  expect("{t.n: i | some i, t in input.ts; t.o == x}",
         R"([["a",{"1":0,"3.0":3}],["b",{"2":1}],[1.0,{"5":4}],["c",{}],["a",{"1":0,"3.0":3}]])");
  expect("count([1 | some t in input.ts; t.o == x; t.n > 1])",
         R"([["a",2],["b",1],[1.0,1],["c",0],["a",2]])");
  expect("[t.n | some t in input.ts; [t.o, t.n] = [x, 3]]",
         R"([["a",[3.0,3]],["b",[]],[1.0,[]],["c",[]],["a",[3.0,3]]])");
}

TEST(ComprehensionIndex, shows_where_opa_shows_it) {
  // The groups have the numbers as they are in the rows.
  expect_same(tickets_of("[x | some t in input.ts; t.o == x]"), "{}",
              {{R"({"xs": [1.0], "ts": [{"o": 1}]})", "[[1.0,[1]]]"}});
  // What conflicts for one of the rows does so for all who ask.
  std::string conflict = "f(1) := 1\nf(1.0) := 2\nf(2) := 3\n";
  expect_same(
      tickets_of("[f(t.n) | some t in input.ts; t.o == x]") + conflict, "{}",
      {{R"({"xs": ["a"], "ts": [{"o": "a", "n": 2}]})", R"([["a",[3]]])"},
       {R"({"xs": ["a"], "ts": [{"o": "a", "n": 2}, {"o": "b", "n": 1}]})",
        "a.rego:4: eval_conflict_error: function data.a.f produced conflicting values for the "
        "same inputs:\n  1 at a.rego:3\n  2 at a.rego:4"}});
}

TEST(ComprehensionIndex, gives_way_to_what_is_replaced) {
  const char* module =
      "package a\nq := [m | some x in input.xs; m := [t.n | some t in input.ts; t.o == x]]\n"
      "f(x) := [t.n | some t in input.ts; t.o == x]\n"
      "s := [q, f(1), f(2)]\nr := v if v := s with input.ts as [{\"n\": 9, \"o\": 2}]\n"
      "p := [s, [f(x) | some x in [1, 2]], r, q]\n";
  expect_same(module, "{}",
              {{R"({"xs": [1, 2, 1], "ts": [{"n": 7, "o": 1}]})",
                "[[[[7],[],[7]],[7],[]],[[7],[]],[[[],[9],[]],[],[9]],[[7],[],[7]]]"}});
}

TEST(KnownMembers, are_gone_through_as_a_loop_would) {
  const char* module = R"(package a
t := {"a": {"k": ["x", "y"], "l": ["x"]}, "b": {"l": ["z"], "k": []}}
f(x) := [x | x == 1] if { x }
p1 contains [k, v] if { some k, v in t[input.b]; not input.q[k] in v }
q := [[k, w] | some k, _ in t[input.b]; w := input.q[k] with input.q as {"k": k}]
r if { every k, v in t[input.b] { count(v) > 0; input.q[k] in v } }
s := [[x, i] | some i, x in ["a", "b", {"c"}]; not x in input.not]
u := [[a, b] | some a in [1, 2]; some b in {3, 1.0}; a != b]
v := "found" if { some k, _ in t.a; input.q[k] == "z" } else := k if { some k, x in {"m": "n", "o": "x"}; input.q.k == x } else := "none"
w := [sprintf("%v%%%s", [k, k]) | some k, _ in t[input.b]; f(1)]
p := [p1, q, s, u, v, w, {"r": 1 | r}]
)";
  expect_same(
      module, "{}",
      {{R"({"b": "a", "q": {"k": "x", "l": "x"}, "not": ["a"]})",
        R"([[],[["k","k"]],[["b",1],[["c"],2]],[[1,3],[2,1.0],[2,3]],"o",["k%k","l%l"],{"r":1}])"},
       {R"({"b": "a", "q": {"k": "z"}, "not": [["c"]]})",
        R"([[["k",["x","y"]]],[["k","k"]],[["a",0],["b",1],[["c"],2]],[[1,3],[2,1.0],[2,3]],"found",["k%k","l%l"],{}])"},
       {R"({"b": "b", "q": {"k": "n", "l": "z"}, "not": []})",
        R"([[["k",[]]],[["k","k"]],[["a",0],["b",1],[["c"],2]],[[1,3],[2,1.0],[2,3]],"found",["k%k","l%l"],{}])"},
       {R"({"b": "c", "q": {}, "not": ["b"]})",
        R"([[],[],[["a",0],[["c"],2]],[[1,3],[2,1.0],[2,3]],"none",[],{}])"},
       {R"({"b": "b", "q": 1, "not": "b"})",
        R"([[],[["k","k"]],[["a",0],["b",1],[["c"],2]],[[1,3],[2,1.0],[2,3]],"none",["k%k","l%l"],{}])"}});
}

TEST(Indexes, say_what_they_do) {
  std::string module = rules_of({"input.x == 0", "input.x == 1", "input.x == 2", "input.x == 3",
                                 "input.x == 4", "input.x == 5", "input.x == 6", "input.x == 7"}) +
                       "q if { some r in data.roles; r.name == input.n; some s in input.s;\n"
                       "s in data.s }\nr := [c | some x in input.x;\n"
                       "c := [y | some y in input.y; y.x == x]]\n";
  lictor::Engine engine;
  engine.add_module("a.rego", module);
  auto query = engine.prepare("[data.a.p, data.a.q, data.a.r]");
  ASSERT_TRUE(query) << query.error().render();
  EXPECT_EQ(query->explain_index(),
            "a.rego:2\tdata.a.p (8 rules): by input.x\n"
            "a.rego:10\tdata.a.q (1 rule): all rules (they are few)\n"
            "a.rego:10\tloop over data.roles: by .name\n"
            "a.rego:10\tloop over input.s: all items (no base document)\n"
            "a.rego:11\tmembership in data.s: by the item itself\n"
            "a.rego:12\tdata.a.r (1 rule): all rules (they are few)\n"
            "a.rego:12\tloop over input.x: all items (no base document)\n"
            "a.rego:13\tloop over input.y: all items (no base document)\n"
            "a.rego:13\tcomprehension: all at once, by x\n");
}

}  // namespace
