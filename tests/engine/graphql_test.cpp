// GraphQL where OPA crashes or takes minutes: trees that lack a node, and documents whose
// validation takes more than linear time. Everything else is compared with OPA in builtin_calls/.
#include <gtest/gtest.h>

#include <string>

#include "query.hpp"

namespace {

using lictor::testing::answer;

constexpr const char* schema = "type Query { a: Query b: Int }";

std::string strictly(const std::string& call, const std::string& query) {
  std::string input = "{\"query\": " + query + ", \"schema\": \"" + schema + "\"}";
  return answer(call + "(input.query, input.schema)", {}, input, true);
}

void expect_error(const std::string& query, const std::string& text) {
  for (const char* call : {"graphql.parse", "graphql.parse_and_verify", "graphql.is_valid"})
    EXPECT_NE(strictly(call, query).find(text), std::string::npos) << strictly(call, query);
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

TEST(GraphQL, a_tree_that_lacks_a_node_is_an_error) {
  std::string variable = R"({"Operations": [{"VariableDefinitions": [{"Variable": "v"}]}]})";
  for (const std::string& tree : {std::string(R"({"Operations": [null]})"), variable})
    expect_error(tree, "the syntax tree lacks a node");
}

TEST(GraphQL, work_beyond_linear_time_is_limited) {
  std::string chain = "{ ...F0 }";
  for (int i = 0; i < 5000; ++i) {
    std::string next = std::to_string(i + 1);
    chain += " fragment F" + std::to_string(i) + " on Query { b ...F" + next + " }";
  }
  std::string doubled = "b";
  for (int i = 0; i < 14; ++i) doubled = "a { " + doubled + " } a { " + doubled + " }";
  for (const std::string& query : {"{" + repeated(" b", 20000) + "}", chain, "{" + doubled + "}"})
    EXPECT_NE(strictly("graphql.is_valid", quoted(query)).find("is too complex to be validated"),
              std::string::npos);
}

TEST(GraphQL, large_documents_are_validated) {
  std::string fields;
  for (int i = 0; i < 20000; ++i) fields += " x" + std::to_string(i) + ": b";
  EXPECT_EQ(strictly("graphql.is_valid", quoted("{" + fields + " }")), "true");
  std::string nested = repeated("a { ", 990) + "b" + repeated(" }", 990);
  EXPECT_EQ(strictly("graphql.is_valid", quoted("{ " + nested + " }")), "true");
}

}  // namespace
