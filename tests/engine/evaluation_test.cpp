// What evaluation must never get wrong, and its limits.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>

#include "query.hpp"

namespace {

using lictor::testing::answer;

TEST(Evaluation, complete_rules_conflict_only_on_different_values) {
  EXPECT_EQ(answer("data.a.p", "package a\np := 1\np := 1.0"), "1");
  EXPECT_EQ(answer("data.a.p", "package a\np := 1\np := 2"),
            "test.rego:3: eval_conflict_error: rule data.a.p produced conflicting values:\n  1 at "
            "test.rego:2\n  2 at test.rego:3");
}

std::string times(int count, const std::string& text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

/// A stage that looks at each closure twice from the one around it would not end here.
TEST(Evaluation, closures_may_be_nested_deeply) {
  constexpr int depth = 120;
  auto count_of = [](const std::string& value) {
    return answer("count(data.a.p)", "package a\nimport rego.v1\np := " + value);
  };
  auto nested = [&](const std::string& open, const std::string& inside, const std::string& close) {
    return count_of(times(depth, open) + inside + times(depth, close));
  };
  EXPECT_EQ(nested("[1 | ", "true", "]"), "1");
  EXPECT_EQ(nested("{1 | ", "true", "}"), "1");
  EXPECT_EQ(nested("{1: 1 | ", "true", "}"), "1");
  EXPECT_EQ(nested("[y | y := ", "1", "]"), "1");
  EXPECT_EQ(nested("[1 | print(", "1", ")]"), "1");
  EXPECT_EQ(nested("[1 | ", "true", " with input as 1]"), "1");
  // A `some` declares nothing that its domain has, too.
  std::string inner = "[1]";
  for (int i = 0; i < depth; ++i) {
    std::string x = "x" + std::to_string(i);
    inner = "[1 | some " + x + " in " + inner + "; " + x + " == 1]";
  }
  EXPECT_EQ(count_of(inner), "1");
  EXPECT_EQ(nested("[1 | every x in ", "[1]", " { x == 1 }]"), "1");
}

/// The value of data.a.p with and without optimizations; "differs" if they are not the same.
std::string optimized_answer(const std::string& module, const std::string& input) {
  std::string out[2];
  for (bool optimized : {false, true}) {
    lictor::EngineOptions options;
    options.optimize = options.index = optimized;
    lictor::Engine engine(options);
    engine.add_module("test.rego", module);
    auto policy = engine.compile("data.a.p");
    if (!policy) return policy.error().summary();
    lictor::Evaluator evaluator(*policy);
    for (int round = 0; round < 2; ++round) {  // the second one knows the members
      if (const lictor::Error* error = evaluator.decide(input, out[optimized]))
        out[optimized] = error->summary();
    }
  }
  return out[0] == out[1] ? out[0] : "differs: " + out[0] + " and " + out[1];
}

/// The slots that a base document fills are kept; other values and mocks of data must not meet
/// them.
TEST(Evaluation, base_documents_in_an_input_made_by_with_are_the_right_ones_each_time) {
  lictor::Engine engine;
  engine.add_module("a.rego", R"(package a

import rego.v1

chosen := data.x if input.k == "x"

else := data.y if input.k == "y"

else := {} if input.k == "empty"

else := {"m": input.k, "n": {"o": 9}}

seen := v if v := [data.b.m, data.b.n] with input as {"s": chosen, "t": input}

result := [seen, v] if v := seen with data.x as {"m": "mocked", "n": {"o": 5}}
)");
  engine.add_module("b.rego", R"(package b

default m := null

m := input.s.m

default n := null

n := [input.s.n.o, input.t.k]
)");
  engine.add_data_at({}, R"({"x": {"m": "X", "n": {"o": 1}}, "y": {"m": "Y"}})", "data.json");
  auto policy = engine.compile("a/result");
  ASSERT_TRUE(policy) << policy.error().render();
  const std::map<std::string, std::string> want{{"x", R"([["X",[1,"x"]],["mocked",[5,"x"]]])"},
                                                {"y", R"([["Y",null],["Y",null]])"},
                                                {"empty", "[[null,null],[null,null]]"},
                                                {"q", R"([["q",[9,"q"]],["q",[9,"q"]]])"}};
  lictor::Evaluator evaluator(*policy);
  for (const char* k : {"x", "x", "y", "empty", "q", "x", "y", "y", "q", "empty", "x"}) {
    std::string out;
    ASSERT_EQ(evaluator.decide("{\"k\":\"" + std::string(k) + "\"}", out), nullptr);
    EXPECT_EQ(out, want.at(k)) << k;
  }
}

/// Objects of which only the kind is asked are not built; all else of them must be as it is.
TEST(Evaluation, an_object_whose_kind_is_asked_has_its_value_wherever_that_counts) {
  const char* modules[] = {
      "p contains 1 if not is_object(input.o)\np contains input.o.x",
      "p contains input.o if not is_object(input.o)\np contains input.o.x",
      "p contains input.o if is_object(input.o)\np contains input.o.x",
      "p := [input.o, input.o.x]",
      "p contains 1 if is_object(input.o)\np contains f(input.o) if input.o.x\nf(v) := count(v)",
      "p contains k if { not is_array(input.o); some k, _ in input.o }\np contains input.o.x",
      "p := x if { x := input.o; is_object(x); x.x }\nelse := input.o if not is_object(input.o)",
      "p := q with input as {\"r\": input}\n"
      "q contains 1 if not is_object(input.r.o)\nq contains input.r.o.x",
      "p := q with input as {\"r\": input}\n"
      "q contains input.r.o if is_object(input.r.o)\nq contains input.r.o.x",
      "p := [q, is_object(input.o)] with input as {\"r\": input, \"o\": {}}\n"
      "q contains input.r.o.x\nq contains [input.r.o] if not is_array(input.r.o)",
      "p contains v if { not is_object(input.o); v := input.o with input as {\"o\": {\"x\": 9}} }\n"
      "p contains input.o.x",
      "p := q with input.o.y as 1\nq contains input.o.x\nq contains input.o if is_object(input.o)",
      "p contains 1 if input.o == {}\np contains 2 if is_object(input.o)\np contains input.o.x",
      "p contains [is_object(input.o), input.o.o.x]\np contains 1 if not is_object(input.o.o)",
  };
  const char* values[] = {"null",
                          "false",
                          "7",
                          "\"x\"",
                          "[1]",
                          "[]",
                          "{}",
                          "{\"x\": 1}",
                          "{\"y\": 2}",
                          "{\"x\": {\"y\": [1]}, \"o\": {\"x\": 3}}",
                          "{\"\\u0078\": 4}",
                          "{\"x\": 1, \"x\": false}",
                          "{\"x\": [",
                          "{\"x\": 1} 2"};
  for (const char* body : modules) {
    std::string module = std::string("package a\nimport rego.v1\n") + body;
    for (const char* value : values) {
      for (const char* before : {"", "\"o\": {\"x\": 5, \"z\": 6}, ", "\"\\u0061\": 1, "}) {
        std::string input = std::string("{") + before + "\"o\": " + value + ", \"z\": 0}";
        std::string found = optimized_answer(module, input);
        EXPECT_FALSE(found.starts_with("differs")) << module << "\n" << input << "\n" << found;
      }
    }
  }
}

TEST(Evaluation, a_body_of_not_true_is_empty_where_the_head_needs_evaluation) {
  const char* input = R"({"x": "k"})";
  auto value = [&](const std::string& rule) {
    return answer("data.a.p", "package a\n" + rule + "\nf(x) := x", input);
  };
  EXPECT_EQ(value("p[input.x] := 1 if { not true }"), R"({"k":1})");
  EXPECT_EQ(value("p contains input.x if { not true }"), R"(["k"])");
  EXPECT_EQ(value("p := f(1) if { not true }"), "1");
  EXPECT_EQ(value("p := [input.x | not true]"), R"(["k"])");
  EXPECT_EQ(value("p := [1 | not true]"), "[]");
  EXPECT_EQ(value("p if { not true }"), "undefined");
}

TEST(Evaluation, a_rule_at_a_constant_key_conflicts_as_a_complete_rule) {
  EXPECT_EQ(answer("data.a.p", "package a\np[0][\"b c\"] := x if x := [1, 1, 2, 3][_]"),
            "test.rego:2: eval_conflict_error: rule data.a.p[0][\"b c\"] produced conflicting "
            "values:\n  1 at test.rego:2\n  2 at test.rego:2");
  EXPECT_EQ(answer("data.a.p[0]", "package a\np[0] := 1\np[0] := 1.0\np[1] := 2"), "1");
}

TEST(Evaluation, a_bound_key_ignores_conflicts_at_other_keys) {
  const char* module =
      "package a\np[x] := y if { some x, y in {\"a\": 1, \"b\": 2} }\np[\"b\"] := 3";
  EXPECT_EQ(answer("data.a.p.a", module), "1");
  EXPECT_NE(answer("data.a.p", module).find("eval_conflict_error: object keys must be unique"),
            std::string::npos);
}

TEST(Evaluation, tests_that_opa_indexes_come_before_what_may_conflict) {
  const char* module =
      "package a\nconf := 1 if input.m\nconf := 2 if input.m\n"
      "p if { conf == 1; input.method == \"GET\" }\n"
      "q if { conf == 1; input.n > 5 }\n"
      "r contains x if { conf == 1; m := input.method; m == \"GET\"; x := 1 }\n"
      "f(x) if { conf == 1; x == 2 }\ns if f(3)\n"
      "t if { conf == 1; input.tags[_] == \"x\" }\n"
      "u if { conf == 1; input.method in {\"GET\", \"PUT\"} }";
  const char* post = R"({"m": true, "method": "POST", "n": 1, "tags": ["y"]})";
  EXPECT_EQ(answer("data.a.p", module, post), "undefined");
  EXPECT_NE(answer("data.a.q", module, post).find("eval_conflict_error"), std::string::npos);
  EXPECT_EQ(answer("data.a.r", module, post), "[]");
  EXPECT_EQ(answer("data.a.s", module, post), "undefined");
  EXPECT_EQ(answer("data.a.t", module, post), "undefined");
  EXPECT_EQ(answer("data.a.u", module, post), "undefined");
}

TEST(Evaluation, tests_of_texts_that_opa_indexes_hold_for_texts_only) {
  const char* module =
      "package a\nconf := 1 if input.m\nconf := 2 if input.m\n"
      "p contains 1 if startswith(input.x, \"a\")\n"
      "p contains 2 if { conf == 1; endswith(input.x, \"a\") }\n"
      "p contains 3 if { conf == 1; glob.match(\"a/*\", [\"/\"], input.x) }\n"
      "p contains 4 if { conf == 1; strings.any_prefix_match(input.x, [\"c\", \"d\"]) }\n"
      "q if { conf == 1; glob.match(\"a{b,c}\", [], input.x) }";
  EXPECT_EQ(answer("data.a.p", module, R"({"m": true, "x": 1})", true), "[]");
  EXPECT_EQ(answer("data.a.p", module, R"({"m": true, "x": "ab"})", true), "[1]");
  EXPECT_NE(answer("data.a.q", module, R"({"m": true, "x": 1})").find("eval_conflict_error"),
            std::string::npos);
}

TEST(Evaluation, literals_with_variables_are_gone_through_as_they_are_written) {
  const char* input = R"({"zero": 0, "a": "a"})";
  EXPECT_EQ(answer("[x | some x in {1, input.zero}]", {}, input), "[1,0]");
  EXPECT_EQ(answer("[x | s := {1, input.zero}; t := s; some x in t]", {}, input), "[1,0]");
  EXPECT_EQ(answer("[x | some x in {input.zero, input.zero}]", {}, input), "[0]");
  EXPECT_EQ(answer("[k | some k, _ in {\"b\": 1, input.a: 2}]", {}, input), "[\"b\",\"a\"]");
  EXPECT_EQ(answer("data.a.p", "package a\np := [x | some x in {1, input.zero}]", input), "[1,0]");
  EXPECT_EQ(answer("[x | some x in {1, 0}]", {}, input), "[0,1]");
}

TEST(Evaluation, object_comprehensions_that_are_tables_keep_the_last_value) {
  const char* module =
      "package a\nxs := [\"a\", \"b\"]\n"
      "ys := [{\"g\": \"a\", \"k\": 1}, {\"g\": \"a\", \"k\": 2}, {\"g\": \"b\", \"k\": 3}]\n"
      "p := [o | some x in xs; o := {y.g: y.k | some y in ys; y.g == x}]\n"
      "q := {y.g: y.k | some y in ys}\n";
  EXPECT_EQ(answer("data.a.p", module), "[{\"a\":2},{\"b\":3}]");
  EXPECT_NE(answer("data.a.q", module).find("object keys must be unique"), std::string::npos);
}

TEST(Evaluation, base_documents_are_addressed_by_texts) {
  const char* data = "{\"d\": [[\"p\", \"q\"], [\"r\"]], \"m\": {\"1\": 2, \"true\": 3}}";
  auto in_data = [&](const std::string& query) {
    lictor::Engine engine;
    engine.add_data(data);
    auto prepared = engine.prepare(query);
    auto result = prepared->eval(nullptr);
    if (!result) return result.error().summary();
    return result->rows().empty() ? "undefined"
                                  : lictor::to_json(result->rows()[0].bindings[0].second);
  };
  EXPECT_EQ(in_data("y := [x | some k in [\"0\", \"+1\", \"01.0\", \"2\", \"1e0\", true]; "
                    "x := data.d[k][\"0\"]]"),
            "[\"p\",\"r\",\"r\"]");
  EXPECT_EQ(in_data("y := [x | some k in [1, 1.0, true]; x := data.m[k]]"), "[2]");
  EXPECT_EQ(in_data("y := [x | some k in [1, \"1\"]; x := data.d[k]] with data.d as [5, 6]"),
            "[6]");
  EXPECT_EQ(in_data("y := 1; input.a == 2 with input.a[0] as 2"),
            "input.a: eval_conflict_error: bad document path");
}

TEST(Evaluation, globs_of_stars_of_two_kinds_end) {
  EXPECT_EQ(answer("text := replace(sprintf(\"%100000s\", [\"a\"]), \" \", \"a\"); "
                   "not glob.match(\"**a*aaaab\", [], text); x := count(text)",
                   "", "")
                .substr(0, 3),
            "\"aa");
}

TEST(Evaluation, negation_of_undefined) {
  const char* module =
      "package a\na if not input.x == 1\nb if not startswith(input.x, \"x\")\nc if not input.x";
  EXPECT_EQ(answer("data.a", module, "{}"), R"({"a":true,"c":true})");
}

TEST(Evaluation, variables_keep_their_values_under_with) {
  const char* module =
      "package a\np if { x := input.s; 1 < x with input.s as [] }\n"
      "q contains y if { x := input.s; y := {x | 1 < x with input.s as []} }\n"
      "r if { x := data.d; x == 7 with data.d as 7 }\n"
      "f(x) if x == 7 with input.s as 7\ns if f(input.s)";
  EXPECT_EQ(answer("data.a", module, R"({"s": -1})"), R"({"q":[[]]})");
}

TEST(Evaluation, with_reaches_callees_and_ends_with_the_expression) {
  const char* module =
      "package a\np := input.x\nq := [x, y] if {\n x := p with input.x as 1\n y := p\n}";
  EXPECT_EQ(answer("data.a.q", module, R"({"x": 2})"), "[1,2]");
}

TEST(Evaluation, with_may_bring_a_function_back_to_itself) {
  const char* module =
      "package a\nf(x) := x * 10\nh(x) := [x, y, x] if y := f(x)\n"
      "g(x) := [x, y, z, x] if { y := h(x + 1); z := h(x + 2) }\n"
      "q := y if y := h(0) with f as g\np := [h(3), q, h(4)]";
  EXPECT_EQ(answer("data.a.p", module), "[[3,30,3],[0,[0,[1,10,1],[2,20,2],0],0],[4,40,4]]");
}

TEST(Evaluation, with_may_bring_a_rule_back_to_one_that_is_asked_for_in_one_place) {
  const char* module =
      "package a\nf(x) := x\ninner contains [x, i] if { some i in [3, 1, 2]; x := f(i) }\n"
      "mid contains y if some y in inner\nmid contains 0\n"
      "g contains y if some y in mid\ng contains 9 if count(mid) > 100\n"
      "k(x) := count(g) + x\np := y if { y := g with f as k }";
  EXPECT_EQ(answer("data.a.p", module), "[0,[5,1],[6,2],[7,3]]");
}

TEST(Evaluation, a_replacement_sees_the_function_it_replaces) {
  const char* module =
      "package a\ntwice(x) := count(x) * 2\np := x if x := count([1, 2]) with count as twice";
  EXPECT_EQ(answer("data.a.p", module), "4");
}

TEST(Evaluation, every_over_what_is_no_collection_is_undefined) {
  EXPECT_EQ(answer("data.a.p", "package a\np if every x in 5 { x > 0 }"), "undefined");
  EXPECT_EQ(answer("data.a.p", "package a\np if every x in [] { x > 0 }"), "true");
}

TEST(Evaluation, builtin_errors_are_errors_in_strict_mode_only) {
  EXPECT_EQ(answer("1 / 0"), "undefined");
  EXPECT_EQ(answer("1 / 0", "", "", true), "1 / 0: eval_builtin_error: div: divide by zero");
}

TEST(Evaluation, bad_input_leaves_the_evaluator_usable) {
  lictor::Engine engine;
  engine.add_module("p.rego", "package a\np := input.x");
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  lictor::Evaluator evaluator(*policy);
  std::string out;
  EXPECT_NE(evaluator.decide("{\"x\":", out), nullptr);
  EXPECT_EQ(evaluator.decide("{\"x\":[1.50]}", out), nullptr);
  EXPECT_EQ(out, "[1.50]");
}

TEST(Evaluation, an_input_that_was_read_decides_as_its_text) {
  lictor::Engine engine;
  engine.add_module("p.rego",
                    "package a\np := [input.x, input.z] if input.y.b == 2\n"
                    "q := {k | some k, _ in input.y}\nr := 1 if input.x\nr := 2 if input.y");
  const std::string text = R"({"y": {"b": 2, "a": 1}, "x": [1.50], "z": 7})";
  std::map<std::string, lictor::Policy> policies;
  for (const char* entrypoint : {"a/p", "a/q", "a/r"})
    policies.emplace(entrypoint, *engine.compile(entrypoint));
  auto decide_all = [&](const lictor::Input& input) {
    for (const auto& [entrypoint, policy] : policies) {
      lictor::Evaluator evaluator(policy);
      std::string from_text, from_read;
      for (int i = 0; i < 50; ++i) {
        const lictor::Error* error = evaluator.decide(text, from_text);
        std::string summary = error ? error->summary() : "";
        error = evaluator.decide(input, from_read);
        EXPECT_EQ(error ? error->summary() : "", summary);
        EXPECT_EQ(from_read, from_text);
        EXPECT_EQ(from_read.empty(), entrypoint == "a/r");
      }
    }
  };
  for (const auto& [entrypoint, policy] : policies) {
    lictor::Input input = *policy.read(text);
    std::thread beside(decide_all, input);
    decide_all(input);
    beside.join();
  }
  const lictor::Policy& p = policies.at("a/p");
  EXPECT_FALSE(p.read("{\"x\":"));
  lictor::Evaluator undefined(p);
  std::string out = "kept?";
  EXPECT_EQ(undefined.decide(*p.read("{}"), out), nullptr);
  EXPECT_EQ(out, "");
}

TEST(Evaluation, steps_and_memory_are_bounded) {
  lictor::EngineOptions options;
  options.limits.instructions = 10000;
  lictor::Engine engine(options);
  engine.add_module("p.rego",
                    "package a\np if { some x in numbers.range(1, 1000); some y in "
                    "numbers.range(1, 1000); x * y == -1 }\nq := input.x");
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  auto decision = policy->eval("{}");
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, lictor::ErrorCode::limit_instructions);
  auto other = engine.compile("a/q");
  EXPECT_EQ(other->eval("{\"x\":1}")->to_json(), "1");

  lictor::EngineOptions small;
  small.limits.memory_bytes = 1 << 20;
  lictor::Engine hungry(small);
  hungry.add_module("p.rego", "package a\np := numbers.range(1, 10000000)");
  auto greedy = hungry.compile("a/p");
  auto refused = greedy->eval();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, lictor::ErrorCode::limit_memory);
}

TEST(Evaluation, a_range_without_end_is_refused_at_once) {
  for (const char* range : {"numbers.range(1, input.x)", "numbers.range(input.x, -5)",
                            "numbers.range_step(1, input.x, 2)", "numbers.range(1, 1e40)"}) {
    lictor::Engine engine;
    engine.add_module("p.rego", std::string("package a\np := ") + range);
    auto decision = engine.compile("a/p")->eval(R"({"x": 10000000000})");
    ASSERT_FALSE(decision) << range;
    EXPECT_EQ(decision.error().code, lictor::ErrorCode::limit_memory);
  }
}

TEST(Evaluation, threads_share_a_policy) {
  lictor::Engine engine;
  engine.add_module("p.rego", "package a\np contains x if { some x in data.xs; x > input.least }");
  engine.add_data(R"({"xs": [1, 2, 3, 4, 5]})");
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&policy] {
      for (int i = 0; i < 500; ++i) {
        auto decision = policy->eval(R"({"least": 3})");
        ASSERT_TRUE(decision);
        EXPECT_EQ(decision->to_json(), "[4,5]");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Evaluation, errors_are_those_that_opa_comes_to) {
  const char* module =
      "package a\n"
      "f(x) := 1 if x\n"
      "f(x) := 2 if x\n"
      "g(x) := 3 if x\n"
      "g(x) := 4 if x\n"
      "h := 1 if input.x\n"
      "h := 2 if input.x\n"
      "p := h if { h > 0; input.rows[2] }\n"  // OPA's index leaves it out without a third row
      "q := y if { a := f(input.x); y := g(a) }\n";  // g fails for the first value of f already
  EXPECT_EQ(answer("data.a.p", module, R"({"x": true})"), "undefined");
  EXPECT_EQ(answer("data.a.q", module, R"({"x": true})"),
            "test.rego:5: eval_conflict_error: function data.a.g produced conflicting values for "
            "the same inputs:\n  3 at test.rego:4\n  4 at test.rego:5");

  lictor::Engine engine;
  engine.add_module("test.rego", module);
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->eval(R"({"x": true})")->is_undefined());
  lictor::Evaluator evaluator(*policy);
  std::string out;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(evaluator.decide(R"({"x": true})", out), nullptr);
    EXPECT_EQ(out, "");
    EXPECT_NE(evaluator.decide(R"({"x": true, "rows": [0, 0, 0]})", out), nullptr);
    EXPECT_EQ(evaluator.decide(R"({"rows": [0, 0, 0]})", out), nullptr);
  }
}

TEST(Evaluation, threads_share_a_policy_that_fails) {
  lictor::Engine engine;
  engine.add_module("p.rego", "package a\np := 1 if input.x\np := 2 if input.x\nq := 3");
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&policy] {
      for (int i = 0; i < 50; ++i) {
        auto decision = policy->eval(R"({"x": true})");
        ASSERT_FALSE(decision);
        EXPECT_EQ(decision.error().stack_trace.size(), 2U);
      }
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(engine.compile("a/q"));
  for (std::thread& thread : threads) thread.join();
}

TEST(Evaluation, an_error_outlives_a_trace_that_is_too_long) {
  lictor::Engine engine;
  engine.add_module("p.rego",
                    "package a\n"
                    "p := 1 if every x in numbers.range(1, 600000) { x > 0 }\n"
                    "p := 2 if input.x");
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  auto decision = policy->eval(R"({"x": true})");
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, lictor::ErrorCode::eval_conflict);
  EXPECT_TRUE(decision.error().stack_trace.empty());
}

TEST(Evaluation, bytes_that_are_no_utf8_are_replaced_where_texts_are_put_together) {
  const char* input = R"({"good": "aé", "bad": "YcP/"})";  // a 0xC3 0xFF
  auto value_of = [&](const std::string& query) { return answer(query, "", input); };
  EXPECT_EQ(value_of("sprintf(\"%s é\", [base64.decode(input.bad)])"), "\"a\uFFFD\uFFFD é\"");
  EXPECT_EQ(value_of("sprintf(\"%s é\", [input.good])"), "\"aé é\"");
  EXPECT_EQ(value_of("sprintf(\"%s\", [concat(\"\", [input.good, base64.decode(input.bad)])])"),
            "\"aéa\uFFFD\uFFFD\"");
  EXPECT_EQ(value_of("base64.decode(\"YcP/\")"), "\"a\uFFFD\uFFFD\"");
  EXPECT_EQ(value_of("hex.encode(sprintf(\"%s\", [base64.decode(input.bad)]))"), "\"61c3ff\"");
}

TEST(Evaluation, a_program_does_not_depend_on_rules_that_it_cannot_reach) {
  const char* policy = "package a\nallow if data.lib.f(input.x)\ndefault q := [x | x := data.b.q]";
  const char* library = "package lib\nf(x) if count(x) > 1";
  const char* others =
      "package b\np if data.a.allow with data.lib.f as true\nr if data.a.allow with count as 2\n"
      "s if data.lib.f([]) with data.lib.x as {}\nq contains 1 if data.a.allow";
  auto program = [&](bool with_others, const char* entrypoint) {
    lictor::Engine engine;
    engine.add_module("a.rego", policy);
    engine.add_module("lib.rego", library);
    if (with_others) engine.add_module("b.rego", others);
    auto compiled = engine.compile(entrypoint);
    return compiled ? compiled->dump_ir() : compiled.error().summary();
  };
  EXPECT_EQ(program(true, "a/allow"), program(false, "a/allow"));
  EXPECT_NE(program(true, "a/q"), program(false, "a/q"));
}

/// Refs within an expression are evaluated before it, as in OPA.
TEST(Evaluation, a_ref_is_undefined_in_the_expression_that_binds_its_head) {
  auto members = [](const std::string& body) {
    return answer("data.a.p", "package a\np contains k if { " + body + " }");
  };
  EXPECT_EQ(members("[k, k[0]] = [[1, 2], 1]"), "[]");
  EXPECT_EQ(members(R"(walk({"a": "a"}, [k, k[0]]))"), "[]");
  EXPECT_EQ(members("x := [[1, 2], 1]; x = [k, k[0]]"), "[]");
  EXPECT_EQ(members("k = [1, 2]; [k, k[0]] = [[1, 2], 1]"), "[[1,2]]");
  EXPECT_EQ(members("[k, y] = [[1, 2], 1]; y = k[0]"), "[[1,2]]");
  EXPECT_EQ(members("xs := [1, 2]; [k, xs[k]] = [1, 2]"), "[1]");
}

TEST(Evaluation, a_policy_tells_which_paths_it_reads) {
  lictor::Engine engine;
  engine.add_module("p.rego", "package a\np if { input.a.b == 1; input.c[_] == 2 }");
  auto policy = engine.compile("a/p");
  ASSERT_TRUE(policy);
  std::vector<std::vector<std::string>> want = {{"a", "b"}, {"c"}};
  EXPECT_EQ(policy->input_paths(), want);
}

}  // namespace
