// The JSON reader: what it reads, what it refuses, and that slots hold what the whole tree holds.
#include "json/read.hpp"

#include <gtest/gtest.h>

#include "json/write.hpp"
#include "value/compare.hpp"
#include "value/object.hpp"

namespace {

using namespace lictor;

std::string round_trip(const std::string& text) {
  Arena arena;
  Result<Value> value = json::read_owned(text, arena);
  return value ? json::to_json(*value) : value.error().summary();
}

TEST(JsonReader, keeps_spelling_and_takes_the_last_of_duplicate_keys) {
  EXPECT_EQ(round_trip(R"({"b":1.50,"a":1,"a":[2]})"), R"({"a":[2],"b":1.50})");
  EXPECT_EQ(round_trip(" [ ] "), "[]");
  EXPECT_EQ(round_trip("\"x\""), "\"x\"");
  EXPECT_EQ(round_trip("-0"), "-0");
}

TEST(JsonReader, repairs_lone_surrogates_and_bad_utf8) {
  EXPECT_EQ(round_trip(R"("\ud800")"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(round_trip("\"a\xFF\""), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(round_trip(R"("\ud83d\ude00")"), "\"\xF0\x9F\x98\x80\"");
}

TEST(JsonReader, refuses_what_is_not_json) {
  for (const char* text :
       {"",      " ",    "{",     "[1,2", "[1,]",  "{\"a\"}",    "{\"a\":1,}",  "{a:1}",
        "[01]",  "[1.]", "[tru]", "nul",  "\"abc", "[\"a\\q\"]", "[\"\\u12\"]", "1 2",
        "{} {}", "[1]x", "[+1]",  "[.5]", "'a'",   "[\"a\nb\"]"}) {
    Arena arena;
    EXPECT_FALSE(json::read_owned(text, arena).has_value()) << text;
  }
}

TEST(JsonReader, refuses_deep_nesting_with_an_error_of_its_own) {
  Arena arena;
  std::string deep = std::string(20000, '[') + std::string(20000, ']');
  Result<Value> value = json::read_owned(deep, arena);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::limit_depth);
  std::string fine = std::string(9000, '[') + std::string(9000, ']');
  EXPECT_TRUE(json::read_owned(fine, arena).has_value());
}

TEST(JsonReader, reads_large_documents) {
  std::string text = "[";
  while (text.size() < 20'000'000) text += "{\"key\":\"value\",\"n\":12345},";
  text += "1]";
  Arena arena;
  Result<Value> value = json::read_owned(text, arena);
  ASSERT_TRUE(value);
  EXPECT_GT(value->size(), 700'000u);
}

json::Shape shape_of(const std::vector<std::vector<std::string>>& paths) {
  json::Shape shape;
  for (const auto& path : paths) shape.nodes[shape.at(path)].whole = true;
  shape.number_slots();
  return shape;
}

/// A small generator of documents with few keys, so that paths meet, and blanks that come and go.
std::string random_document(std::uint64_t& state, int depth) {
  auto below = [&](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  auto blanks = [&] { return std::string(below(4) == 0 ? below(3) : 0, below(2) ? ' ' : '\n'); };
  switch (below(depth > 3 ? 4 : 7)) {
    case 0:
      return std::to_string(below(100)) + (below(3) == 0 ? ".0" : "");
    case 1:
      return below(2) ? "true" : "null";
    case 2:
      return "\"" + std::string(below(20), 'x') + (below(4) == 0 ? "\\u00e9\\n" : "") + "\"";
    case 3:
      return "\"a\"";
    case 4: {
      std::string out = "[";
      for (std::uint64_t i = below(4); i > 0; --i)
        out += random_document(state, depth + 1) + (i > 1 ? "," : "");
      return out + "]";
    }
    default: {
      std::string out = "{";
      for (std::uint64_t i = below(6); i > 0; --i) {
        const char* keys[] = {"a", "b", "c", "long_key_name", "\\u0061"};
        out += "\"" + std::string(keys[below(5)]) + "\":" + blanks();
        out += random_document(state, depth + 1) + blanks() + (i > 1 ? "," : "");
      }
      return out + "}";
    }
  }
}

TEST(JsonReader, slots_hold_what_the_whole_tree_holds) {
  json::Shape shape =
      shape_of({{"a"}, {"a", "b"}, {"b", "c"}, {"b", "long_key_name", "a"}, {"c", "a"}});
  json::Reader reader;
  std::uint64_t state = 7;
  for (int round = 0; round < 20000; ++round) {
    std::string text = random_document(state, 0);
    Arena slots_arena, tree_arena;
    std::vector<Value> read(shape.slot_count), filled(shape.slot_count);
    ASSERT_EQ(reader.read_slots(text, shape, slots_arena, read.data()), nullptr) << text;
    Result<Value> tree = json::read_owned(text, tree_arena);
    ASSERT_TRUE(tree) << text;
    json::fill_slots(shape, *tree, filled.data());
    for (std::size_t i = 0; i < read.size(); ++i)
      EXPECT_TRUE(equal(read[i], filled[i])) << text << " slot " << i;
  }
}

}  // namespace
