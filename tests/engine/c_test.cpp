// The C interface: statuses, errors and ownership.
#include <gtest/gtest.h>

#include <cstring>

#include "lictor/c.h"

namespace {

lictor_text text(const char* s) { return {s, std::strlen(s)}; }

TEST(CInterface, compiles_decides_and_reports) {
  lictor_engine* engine = lictor_engine_new();
  lictor_add_module(engine, text("a.rego"), text("package a\np := input.x"));
  lictor_policy* policy = nullptr;
  lictor_error* error = nullptr;
  ASSERT_EQ(lictor_compile(engine, text("data.a.p"), &policy, &error), LICTOR_OK);
  lictor_engine_free(engine);
  char* json = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(lictor_eval(policy, text("{\"x\":[1]}"), &json, &size, &error), LICTOR_OK);
  EXPECT_STREQ(json, "[1]");
  EXPECT_EQ(size, 3u);
  lictor_free(json);
  EXPECT_EQ(lictor_eval(policy, text("{}"), &json, &size, &error), LICTOR_UNDEFINED);
  EXPECT_EQ(lictor_eval(policy, text("{"), &json, &size, &error), LICTOR_ERROR);
  EXPECT_STREQ(lictor_error_code(error), "lictor_input_error");
  lictor_error_free(error);
  lictor_policy_free(policy);
}

TEST(CInterface, refuses_a_bad_policy) {
  lictor_engine* engine = lictor_engine_new();
  lictor_add_module(engine, text("a.rego"), text("package a\np := "));
  lictor_policy* policy = nullptr;
  lictor_error* error = nullptr;
  EXPECT_EQ(lictor_compile(engine, text("data.a.p"), &policy, &error), LICTOR_ERROR);
  EXPECT_STREQ(lictor_error_code(error), "rego_parse_error");
  EXPECT_NE(std::strstr(lictor_error_message(error), "a.rego:2"), nullptr);
  lictor_error_free(error);
  lictor_engine_free(engine);
}

}  // namespace
