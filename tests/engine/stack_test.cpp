// Policies near the limits of nesting, on threads with as little stack as musl gives them.
#include <pthread.h>

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lictor/lictor.hpp"

namespace lictor {
namespace {

void* call(void* work) {
  (*static_cast<std::function<void()>*>(work))();
  return nullptr;
}

void on_small_stack(std::function<void()> work) {
#ifdef __SANITIZE_ADDRESS__
  constexpr std::size_t size = std::size_t{1} << 20;
#else
  constexpr std::size_t size = std::size_t{128} << 10;
#endif
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, call, &work), 0);
  pthread_attr_destroy(&attributes);
  pthread_join(thread, nullptr);
}

std::string times(int count, const std::string& text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

std::string nested(int levels, const std::string& opening, const std::string& closing) {
  return times(levels, opening) + "1" + times(levels, closing);
}

TEST(Stack, deep_policies_need_none_of_the_callers) {
  const std::vector<std::string> values = {nested(900, "[", "]"),
                                           nested(900, "{", "}"),
                                           nested(900, "{\"a\": ", "}"),
                                           nested(400, "(", ")"),
                                           nested(900, "abs(", ")"),
                                           nested(8, "[", " | true]"),
                                           "1" + times(1450, " + 1"),
                                           "1" + times(600, " + input.x"),
                                           "input" + times(900, "[input.x") + times(900, "]")};
  for (const std::string& value : values) {
    SCOPED_TRACE(value.substr(0, 20));
    const std::string text = "package a\n\np := " + value + "\n";
    on_small_stack([&] {
      EXPECT_TRUE(syntax_tree("a.rego", text));
      EXPECT_TRUE(formatted("a.rego", text));
      Engine engine;
      engine.add_module("a.rego", text);
      Result<Policy> policy = engine.compile("data.a");
      ASSERT_TRUE(policy) << policy.error().summary();
      EXPECT_TRUE(policy->eval(R"({"x": 1})"));
      Result<Query> query = engine.prepare(value);
      EXPECT_TRUE(query) << query.error().summary();
    });
  }
}

}  // namespace
}  // namespace lictor
