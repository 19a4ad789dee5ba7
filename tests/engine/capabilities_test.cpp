// Capabilities through the C++ interface: an engine that has them, and what they say of themselves.
#include "lictor/capabilities.hpp"

#include <gtest/gtest.h>

#include "lictor/lictor.hpp"

namespace lictor {
namespace {

Engine engine_with(Result<Capabilities> capabilities, const std::string& module) {
  EngineOptions options;
  if (capabilities) options.capabilities = std::make_shared<Capabilities>(*std::move(capabilities));
  options.strict_builtin_errors = true;
  Engine out(options);
  out.add_module("m.rego", module);
  return out;
}

std::string first_error(Engine engine) {
  Errors errors = engine.check();
  return errors.empty() ? "" : errors[0].summary();
}

constexpr const char* custom = R"({"features": ["rego_v1"], "builtins": [
  {"name": "eq", "decl": {"type": "function", "args": [{"type": "any"}, {"type": "any"}],
                          "result": {"type": "boolean"}}},
  {"name": "acme.tier", "decl": {"type": "function", "args": [{"type": "string"}],
                                 "result": {"type": "number"}}}]})";

TEST(Capabilities, AVersionLacksWhatCameLater) {
  const char* module = "package p\nx := array.flatten([[1]])";
  EXPECT_EQ(first_error(engine_with(capabilities_of("v1.13.0"), module)), "");
  EXPECT_EQ(first_error(engine_with(capabilities_of("v1.12.3"), module)),
            "m.rego:2: rego_type_error: undefined function array.flatten");
}

TEST(Capabilities, AVersionThatDoesNotExist) {
  EXPECT_EQ(capabilities_of("v1.12").error().message, "no capabilities version found v1.12");
}

TEST(Capabilities, WhatIsReadIsWritten) {
  for (const char* version : {"v0.17.0", "v0.62.0", "v1.22.4"}) {
    std::string text = capabilities_of(version)->to_json();
    EXPECT_EQ(read_capabilities(text)->to_json(), text) << version;
  }
}

TEST(Capabilities, FaultsNameTheBuiltin) {
  Result<Capabilities> read = read_capabilities(
      R"({"builtins": [{"name": "f", "decl": {"type": "function", "args": [{"type": "nope"}]}}]})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "capabilities: builtin f: unsupported type 'nope'");
  EXPECT_FALSE(read_capabilities("{"));
}

TEST(Capabilities, UnknownBuiltinsAreTyped) {
  const char* wrong = "package p\nx := acme.tier(1)";
  EXPECT_EQ(first_error(engine_with(read_capabilities(custom), wrong)),
            "m.rego:2: rego_type_error: acme.tier: invalid argument(s)");
  EXPECT_EQ(first_error(engine_with(current_capabilities(), wrong)),
            "m.rego:2: rego_type_error: undefined function acme.tier");
}

TEST(Capabilities, AnEvaluationThatCallsOneEnds) {
  Engine engine =
      engine_with(read_capabilities(custom), "package p\nx := acme.tier(input.name)\ny := 1");
  EXPECT_EQ(engine.compile("data.p.x")->eval(R"({"name": "a"})").error().message,
            "unsupported built-in: acme.tier");
  EXPECT_EQ(engine.compile("data.p.x")->eval("{}")->to_json(), "");
  EXPECT_EQ(engine.compile("data.p.y")->eval("{}")->to_json(), "1");
}

TEST(Capabilities, AHostFunctionHasTheDeclaredTypes) {
  Engine engine = engine_with(read_capabilities(custom), "package p\nx := acme.tier(input.name)");
  auto tier = [](HostCall&) { return Value::integer(3); };
  ASSERT_FALSE(engine.add_function({"acme.tier", "(name: string) => tier: number", tier}));
  EXPECT_EQ(engine.compile("data.p.x")->eval(R"({"name": "a"})")->to_json(), "3");
}

TEST(Capabilities, MissingBuiltinsAreNamed) {
  Engine engine = engine_with(current_capabilities(), "package p\nx := http.send({}).body");
  Errors missing = engine.missing_builtins();
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing[0].message, "this program does not have the builtin http.send");
  EXPECT_EQ(missing[0].row, 2u);
  EXPECT_EQ(engine_with(current_capabilities(), "package p\nx := 1").missing_builtins().size(), 0u);
}

TEST(Capabilities, HostsAreAllowed) {
  Capabilities all = current_capabilities();
  const char* module = "package p\nx := net.lookup_ip_addr(\"127.0.0.1\")";
  all.allow_net = {"127.0.0.1"};
  EXPECT_EQ(engine_with(all, module).compile("data.p.x")->eval()->to_json(), R"(["127.0.0.1"])");
  all.allow_net = std::vector<std::string>();
  EXPECT_EQ(engine_with(all, module).compile("data.p.x")->eval().error().message,
            "net.lookup_ip_addr: disallowed host: 127.0.0.1");
}

}  // namespace
}  // namespace lictor
