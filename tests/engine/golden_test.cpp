// Every stage has a text form. Each tests/golden/NAME.rego has NAME.ast, NAME.checked and NAME.ir
// beside it, and each tests/golden/passes/NAME.rego its program as it is written in NAME.before and
// optimized in NAME.after; UPDATE_GOLDEN=1 writes them anew, to be read as a diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lictor/lictor.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(LICTOR_SOURCE) / "tests/golden";

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void compare(const fs::path& path, const std::string& text) {
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(path) << text;
  EXPECT_EQ(text, read(path)) << path << " (UPDATE_GOLDEN=1 writes it anew)";
}

TEST(Golden, every_stage_prints_what_it_did) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(golden)) {
    if (entry.path().extension() != ".rego") continue;
    ++count;
    auto make = [&] {
      lictor::Engine engine;
      engine.add_module(entry.path().filename().string(), read(entry.path()));
      return engine;
    };
    fs::path base = entry.path();
    lictor::Engine parsed = make();
    auto ast = parsed.dump("ast");
    ASSERT_TRUE(ast) << ast.error().render();
    compare(base.replace_extension(".ast"), *ast);
    lictor::Engine engine = make();
    auto checked = engine.dump("checked");
    ASSERT_TRUE(checked) << checked.error().render();
    compare(base.replace_extension(".checked"), *checked);
    auto policy = engine.compile("data.golden.p");
    ASSERT_TRUE(policy) << policy.error().render();
    compare(base.replace_extension(".ir"), policy->dump_ir());
  }
  EXPECT_GE(count, 5);
}

TEST(Golden, what_optimizations_change) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(golden / "passes")) {
    if (entry.path().extension() != ".rego") continue;
    ++count;
    fs::path base = entry.path();
    std::string texts[2];
    for (bool optimized : {false, true}) {
      lictor::EngineOptions options;
      options.optimize = options.index = optimized;
      lictor::Engine engine(options);
      engine.add_module(entry.path().filename().string(), read(entry.path()));
      auto policy = engine.compile("data.golden.p");
      ASSERT_TRUE(policy) << policy.error().render();
      texts[optimized] = policy->dump_ir();
      compare(base.replace_extension(optimized ? ".after" : ".before"), texts[optimized]);
    }
    EXPECT_NE(texts[0], texts[1]) << entry.path();
  }
  EXPECT_GE(count, 6);
}

}  // namespace
