// The shipped policies answer any JSON whatever: `result` is defined, and `allow` is true only with
// no violation.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "inputs.hpp"
#include "lictor/lictor.hpp"

namespace {

lictor::Value field(const lictor::Value& object, std::string_view key) {
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    lictor::Member member = object_member(object, i);
    if (member.key.as_text() == key) return member.value;
  }
  return {};
}

TEST(Policies, answer_any_json) {
  for (const char* name : {"resource_limits", "sla_enforcement", "feature_flags"}) {
    std::string path = std::string(LICTOR_SOURCE) + "/policies/orchestrator/" + name + ".rego";
    std::ifstream file(path);
    lictor::Engine engine;
    engine.add_module(path, std::string(std::istreambuf_iterator<char>(file), {}));
    auto policy = engine.compile("neuralhive/orchestrator/" + std::string(name) + "/result");
    ASSERT_TRUE(policy) << policy.error().render();
    lictor::Evaluator evaluator(*policy);
    lictor::cli::InputGenerator generator(*policy, 3);
    int denied = 0;
    for (int i = 0; i < 20000; ++i) {
      std::string input = generator.next();
      lictor::Value result;
      const lictor::Error* error = evaluator.decide(input, result);
      ASSERT_EQ(error, nullptr) << input << "\n" << error->render();
      ASSERT_TRUE(result.is(lictor::Kind::object)) << input;
      lictor::Value allow = field(result, "allow");
      if (std::string_view(name) == "feature_flags") {
        ASSERT_EQ(result.size(), 5u);
        continue;
      }
      ASSERT_EQ(allow.is_true(), field(result, "violations").size() == 0) << input;
      denied += allow.is_false();
    }
    if (std::string_view(name) != "feature_flags") {
      EXPECT_GT(denied, 100) << name;
    }
  }
}

}  // namespace
