// Functions of the host: their types, errors, volatility and mocks, and the values that they make.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "builtins/table.hpp"
#include "compile/types.hpp"
#include "lictor/lictor.hpp"
#include "query.hpp"

namespace {

using lictor::Engine;
using lictor::EngineOptions;
using lictor::HostCall;
using lictor::HostFunction;
using lictor::Member;
using lictor::Value;
using lictor::Volatility;
using lictor::testing::answer;

HostFunction tier() {
  return {"acme.tier", "(name: string) => tier: number", [](HostCall& call) {
            return Value::integer(static_cast<std::int64_t>(call[0].as_string().size()));
          }};
}

/// Fails for negative numbers, and is undefined for zero.
HostFunction root() {
  return {"acme.root", "(x: number) => y: number", [](HostCall& call) {
            if (call[0].as_integer() < 0) return call.fail("no root of a negative number");
            return call[0].as_integer() == 0 ? Value() : call[0];
          }};
}

HostFunction counter(std::atomic<int>& calls, Volatility volatility) {
  return {"acme.count", "(x: any) => n: number",
          [&calls](HostCall&) { return Value::integer(++calls); }, volatility};
}

struct Host {
  explicit Host(std::vector<HostFunction> functions, const std::string& module = {},
                bool strict = false)
      : engine(options(strict)) {
    for (const HostFunction& function : functions) {
      auto refused = engine.add_function(function);
      EXPECT_FALSE(refused) << refused->message;
    }
    if (!module.empty()) engine.add_module("test.rego", module);
  }

  static EngineOptions options(bool strict) {
    EngineOptions out;
    out.strict_builtin_errors = strict;
    return out;
  }

  std::string ask(const std::string& query, const std::string& input = {}) {
    return answer(engine, query, input);
  }

  Engine engine;
};

TEST(HostFunctions, are_called_as_builtins_are) {
  Host host({tier()}, "package a\np := acme.tier(input.name)\nq if acme.tier(\"ab\") == 2");
  EXPECT_EQ(host.ask("data.a.p", R"({"name": "gold"})"), "4");
  EXPECT_EQ(host.ask("data.a.q"), "true");
  EXPECT_EQ(host.ask("acme.tier(\"abc\", x)"), "3");
  EXPECT_EQ(host.ask("[acme.tier(n) | some n in [\"a\", \"bcd\"]]"), "[1,3]");
}

TEST(HostFunctions, have_types) {
  Host host({tier()});
  EXPECT_NE(host.ask("acme.tier(1)").find("rego_type_error: acme.tier: invalid argument(s)"),
            std::string::npos);
  EXPECT_NE(host.ask("acme.tier(\"a\", \"b\", \"c\")").find("rego_type_error"), std::string::npos);
  EXPECT_NE(host.ask("startswith(acme.tier(\"a\"), \"b\")").find("rego_type_error"),
            std::string::npos);
  EXPECT_NE(host.ask("acme.other(1)").find("undefined function acme.other"), std::string::npos);
}

TEST(HostFunctions, fail_as_builtins_do) {
  const std::string module = "package a\np := acme.root(input)\nq if not acme.root(input)";
  Host lenient({root()}, module), strict({root()}, module, true);
  for (Host* host : {&lenient, &strict}) {
    EXPECT_EQ(host->ask("data.a.p", "4"), "4");
    EXPECT_EQ(host->ask("data.a.p", "0"), "undefined");
    EXPECT_EQ(host->ask("data.a.q", "0"), "true");
  }
  EXPECT_EQ(lenient.ask("data.a.p", "-1"), "undefined");
  EXPECT_EQ(lenient.ask("data.a.q", "-1"), "true");
  EXPECT_EQ(strict.ask("data.a.p", "-1"),
            "test.rego:2: eval_builtin_error: acme.root: no root of a negative number");
}

TEST(HostFunctions, may_end_the_evaluation) {
  HostFunction stop{"acme.stop", "() => x: any",
                    [](HostCall& call) { return call.halt("the database is away"); },
                    Volatility::changing};
  Host host({stop}, "package a\np if not acme.stop()");
  EXPECT_EQ(host.ask("data.a.p"), "test.rego:2: eval_builtin_error: the database is away");
}

TEST(HostFunctions, are_replaced_by_with) {
  Host host({tier()},
            "package a\np := acme.tier(input)\nother(_) := 9\n"
            "value := x if x := p with acme.tier as 7 with input as \"x\"\n"
            "function := x if x := p with acme.tier as other with input as \"x\"\n"
            "builtin := x if x := p with acme.tier as count with input as \"xyz\"\n"
            "mock := x if x := upper(\"abc\") with upper as acme.tier");
  EXPECT_EQ(host.ask("data.a.value"), "7");
  EXPECT_EQ(host.ask("data.a.function"), "9");
  EXPECT_EQ(host.ask("data.a.builtin"), "3");
  EXPECT_EQ(host.ask("data.a.mock"), "3");
}

TEST(HostFunctions, that_are_immutable_are_folded) {
  std::atomic<int> calls = 0;
  Host host({counter(calls, Volatility::immutable)}, "package a\np := acme.count(1)");
  auto policy = host.engine.compile("a/p");
  ASSERT_TRUE(policy) << policy.error().render();
  EXPECT_EQ(calls, 1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(policy->eval()->to_json(), "1");
}

TEST(HostFunctions, that_are_stable_are_called_once_an_evaluation) {
  std::atomic<int> calls = 0;
  Host host({counter(calls, Volatility::stable)},
            "package a\np := [acme.count(i) | some i in input]");
  EXPECT_EQ(host.ask("data.a.p", "[7, 8, 7, 8.0, {\"a\": 1}, {\"a\": 1}]"), "[1,2,1,2,3,3]");
  EXPECT_EQ(host.ask("data.a.p", "[7]"), "[4]");
}

TEST(HostFunctions, that_are_stable_keep_their_errors) {
  std::atomic<int> calls = 0;
  HostFunction fails{"acme.fails", "(x: any) => y: any",
                     [&](HostCall& call) {
                       ++calls;
                       return call.fail("failure " + std::to_string(calls));
                     },
                     Volatility::stable};
  Host host({fails}, "package a\np := acme.fails(input)", true);
  // The evaluation is repeated in OPA's order for the error; the function is not called again.
  EXPECT_EQ(host.ask("data.a.p", "1"), "test.rego:2: eval_builtin_error: acme.fails: failure 1");
  EXPECT_EQ(calls, 1);
}

TEST(HostFunctions, that_change_are_called_each_time) {
  std::atomic<int> calls = 0;
  Host host({counter(calls, Volatility::changing)},
            "package a\np := [acme.count(1), acme.count(1), acme.count(1)]");
  EXPECT_EQ(host.ask("data.a.p"), "[1,2,3]");
}

TEST(HostFunctions, know_where_they_are_called_and_keep_things_for_an_evaluation) {
  HostFunction place{"acme.place", "(x: any) => y: any",
                     [](HostCall& call) {
                       if (!call.memory()) call.memory() = std::make_shared<int>(0);
                       int calls = ++*static_cast<int*>(call.memory().get());
                       return call.make().string(call.location() + " " + std::to_string(calls));
                     },
                     Volatility::changing};
  Host host({place}, "package a\np := [acme.place(1),\n  acme.place(2)]");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(host.ask("data.a.p"), R"(["test.rego:2 1","test.rego:3 2"])");
  EXPECT_EQ(host.ask("acme.place(1)"), R"("acme.place(1) 1")");
}

TEST(HostFunctions, may_refuse_their_operands) {
  HostFunction refuses{"acme.refuse", "(x: any) => y: any", [](HostCall& call) {
                         return call.fail("operand 1 must be even", lictor::ErrorCode::eval_type);
                       }};
  Host host({refuses}, "package a\np := acme.refuse(1)", true);
  EXPECT_EQ(host.ask("data.a.p"),
            "test.rego:2: eval_type_error: acme.refuse: operand 1 must be even");
}

TEST(HostFunctions, make_values) {
  HostFunction make{"acme.make", "(x: any) => y: any", [](HostCall& call) {
                      lictor::Builder& make = call.make();
                      std::string made = "made";
                      Value items[] = {make.string(made), make.number(0.5), call[0], Value::null()};
                      Value twice[] = {Value::integer(2), Value::integer(1), Value::integer(2)};
                      Member members[] = {{make.string("z"), make.array(items)},
                                          {make.string("a"), make.set(twice)},
                                          {make.string("n"), make.number("1e3")},
                                          {make.string("a"), make.set({})}};
                      return make.object(members);
                    }};
  Host host({make});
  EXPECT_EQ(host.ask("acme.make([1])"), R"({"a":[],"n":1e3,"z":["made",0.5,[1],null]})");
  EXPECT_EQ(host.ask("is_set(acme.make(1).a)"), "true");
}

TEST(HostFunctions, of_what_the_engine_leaves_out_take_its_place) {
  HostFunction send{"http.send", "(request: object[string: any]) => response: object[any: any]",
                    [](HostCall& call) { return lictor::lookup(call[0], "url"); },
                    Volatility::stable};
  Host host({send});
  EXPECT_EQ(host.ask("http.send({\"url\": \"x\"})"), R"("x")");
}

TEST(HostFunctions, are_refused_by_name) {
  Engine engine;
  auto refusal = [&](HostFunction function) {
    auto out = engine.add_function(function);
    return out ? out->message : std::string("none");
  };
  auto any = [](HostCall&) { return Value::null(); };
  const std::string type = "(x: any) => y: any";
  EXPECT_EQ(refusal({"count", type, any}), "host function count: there is such a builtin already");
  EXPECT_EQ(refusal({"eq", type, any}), "host function eq: the name is reserved for the compiler");
  EXPECT_EQ(refusal({"acme.f", type, nullptr}), "host function acme.f: it has nothing to call");
  EXPECT_EQ(refusal({"", type, any}),
            "host function : the name is not one of a function, as acme.f");
  EXPECT_EQ(refusal({"a b", type, any}),
            "host function a b: the name is not one of a function, as acme.f");
  EXPECT_EQ(refusal({"acme.f", type, any}), "none");
  EXPECT_EQ(refusal({"acme.f", type, any}),
            "host function acme.f: there is such a builtin already");
}

TEST(HostFunctions, have_signatures_that_are_checked) {
  auto fault = [](std::string_view text) {
    return lictor::compile::signature_fault(text).value_or("none");
  };
  for (const lictor::builtins::Builtin& builtin : lictor::builtins::Table::standard()->all())
    EXPECT_EQ(fault(builtin.signature), "none") << builtin.name;
  EXPECT_EQ(fault("(x: any<number, set[string]>, y: object<a: null>[string: any]...) => ???"),
            "none");
  EXPECT_EQ(fault(""), "expected \"(\" at character 1 of the signature ");
  EXPECT_EQ(fault("(x: strin) => y: any"),
            "expected a type at character 5 of the signature (x: strin) => y: any");
  EXPECT_EQ(fault("(x: any) -> y: any"),
            "expected \" => \" at character 9 of the signature (x: any) -> y: any");
  EXPECT_EQ(fault("(x: any) => y: any z"),
            "expected nothing more at character 19 of the signature (x: any) => y: any z");
  std::string deep = "(";
  for (int i = 0; i < 100'000; ++i) deep += "array[";
  EXPECT_NE(fault(deep), "none");
}

TEST(HostFunctions, are_stopped_by_limits_and_deadlines) {
  HostFunction waits{"acme.wait", "() => x: any",
                     [](HostCall& call) {
                       EXPECT_TRUE(call.deadline());
                       while (!call.is_stopped()) std::this_thread::yield();
                       return Value::null();
                     },
                     Volatility::changing};
  HostFunction grows{"acme.grow", "() => x: any",
                     [](HostCall& call) {
                       std::string text(1 << 20, 'x');
                       for (;;) call.make().string(text);
                       return Value();
                     },
                     Volatility::changing};
  EngineOptions options;
  options.limits.time = std::chrono::milliseconds(20);
  options.limits.memory_bytes = 16 << 20;
  Engine engine(options);
  EXPECT_FALSE(engine.add_function(waits));
  EXPECT_FALSE(engine.add_function(grows));
  EXPECT_NE(answer(engine, "acme.wait(x); some i in numbers.range(1, 100000); i > 100000")
                .find("eval_cancel_error"),
            std::string::npos);
  EXPECT_NE(answer(engine, "acme.grow(x)").find("lictor_memory_limit"), std::string::npos);
}

TEST(HostFunctions, are_shared_by_threads) {
  std::atomic<int> calls = 0;
  Host host({counter(calls, Volatility::changing)}, "package a\np if acme.count(input) > 0");
  auto policy = host.engine.compile("a/p");
  ASSERT_TRUE(policy) << policy.error().render();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      lictor::Evaluator evaluator(*policy);
      std::string out;
      for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(evaluator.decide("{}", out), nullptr);
        ASSERT_EQ(out, "true");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, 4000);
}

TEST(Builder, makes_inputs) {
  lictor::Builder builder;
  auto read = builder.from_json(R"({"a": [1, "x"]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(lictor::to_json(builder.copy(*read)), R"({"a":[1,"x"]})");
  EXPECT_TRUE(builder.number("1e").is_undefined());
  EXPECT_TRUE(builder.number(1.0 / 0.0).is_undefined());
  EXPECT_EQ(lictor::to_json(builder.number(1e21)), "1e+21");
  EXPECT_FALSE(builder.from_json("{"));
  builder.clear();
  EXPECT_EQ(lictor::to_json(builder.string("again")), R"("again")");
}

}  // namespace
