// The reader against a twin that stays within simdjson's public On-Demand interface: over a corpus
// of generated documents, whole ones and ones with a few bytes changed, both accept the same texts
// and read the same values.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <random>

#include "base/unicode.hpp"
#include "json/escape.hpp"
#include "json/quick_read.hpp"
#include "json/read.hpp"
#include "json/structure.hpp"
#include "json/write.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace {

using namespace lictor;
using namespace std::string_view_literals;
namespace ondemand = simdjson::ondemand;

struct Refused {};

template <typename T>
T take(simdjson::simdjson_result<T>&& result) {
  T out;
  if (std::move(result).get(out)) throw Refused();
  return out;
}

class Twin {
 public:
  explicit Twin(Arena& arena) : arena_(arena) {}

  /// Reads a document, which is wrapped in an array so that its root is like any other value.
  std::optional<Value> read(const std::string& text) {
    simdjson::padded_string wrapped("[" + text + "]");
    try {
      ondemand::document document = take(parser_.iterate(wrapped));
      std::optional<Value> out;
      for (auto item : take(document.get_array())) {
        if (out) return std::nullopt;
        out = build(take(std::move(item)));
      }
      const char* end = nullptr;
      if (document.current_location().get(end) == simdjson::SUCCESS &&
          end < wrapped.data() + wrapped.size())
        return std::nullopt;
      return out;
    } catch (const Refused&) {
      return std::nullopt;
    }
  }

 private:
  /// Takes every value with a getter, as a value that is not taken is passed over unchecked.
  Value build(ondemand::value node) {
    std::string_view token = node.raw_json_token();
    while (std::string_view(" \t\r\n").find(token.back()) != std::string_view::npos)
      token.remove_suffix(1);
    switch (token[0]) {
      case '{':
        return object(take(node.get_object()));
      case '[':
        return array(take(node.get_array()));
      case '"':
        take(node.get_raw_json_string());
        if (token.size() < 2 || token.back() != '"') throw Refused();
        return text(token.substr(1, token.size() - 2));
      case 't':
      case 'f':
        return Value::boolean(take(node.get_bool()));
      case 'n':
        if (!take(node.is_null())) throw Refused();
        return Value::null();
      default:
        return number(node, token);
    }
  }

  /// get_double() also refuses what no double holds, which is a number all the same.
  Value number(ondemand::value& node, std::string_view token) {
    double unused = 0;
    bool is_number = node.get_double().get(unused) == simdjson::SUCCESS || is_number_text(token);
    if (!is_number || json_number_fault(token)) throw Refused();
    return view_number(arena_.copy(token));
  }

  Value text(std::string_view raw) {
    std::optional<std::string> plain = json::unescape(raw);
    if (!plain) throw Refused();
    return Value::string(arena_.copy(*plain));
  }

  Value array(ondemand::array array) {
    ArenaVector<Value> items(arena_);
    for (auto item : array) items.push_back(build(take(std::move(item))));
    return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
  }

  Value object(ondemand::object object) {
    ArenaVector<Member> members(arena_);
    for (auto item : object) {
      ondemand::field field = take(std::move(item));
      const char* first = field.key().raw();
      const char* last = first;
      while (*last != '"') last += *last == '\\' ? 2 : 1;
      Value key = text({first, static_cast<std::size_t>(last - first)});
      members.push_back({key, build(field.value())});
    }
    return make_unique_object(arena_, members.data(), members.size(), Duplicates::last_wins);
  }

  Arena& arena_;
  ondemand::parser parser_;
};

/// Documents of few keys and of all kinds of tokens and blanks.
class Corpus {
 public:
  explicit Corpus(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string out = blank() + value(0) + blank();
    if (below(2) == 0) return out;
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(out);
    return out;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string blank() {
    static const char* const blanks[] = {"", "", "", "", " ", "\n", "\t", "\r\n  "};
    return blanks[below(std::size(blanks))];
  }

  std::string value(int depth) {
    static const char* const scalars[] = {
        "0",
        "-0",
        "7",
        "-12",
        "123456789012345678",
        "1234567890123456789012",
        "1.50",
        "-0.5",
        "1e3",
        "2E-2",
        "1.5e+07",
        "true",
        "false",
        "null",
        "\"\"",
        "\"text\"",
        "\"a \\\"quoted\\\\ one\"",
        "\"\\u00e9\\n\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"b\xC3\xA9\xF0\x9F\x98\x80\"",
        "\"a string that is longer than a vector is wide, by far\"",
        "\"{[,:]}\""};
    if (depth > 4 || below(3) == 0) return scalars[below(std::size(scalars))];
    bool is_object = below(2) == 0;
    std::string out = is_object ? "{" : "[";
    for (std::size_t i = below(6); i > 0; --i) {
      if (is_object) out += blank() + key() + blank() + ":";
      out += blank() + value(depth + 1) + blank() + (i > 1 ? "," : "");
    }
    return out + blank() + (is_object ? "}" : "]");
  }

  std::string key() {
    static const char* const keys[] = {
        "\"a\"",        "\"b\"",     "\"a_key_of_some_length\"", "\"\"", "\"\\u0061\"",
        "\"eight_by\"", "\"b\\\"\"", "\"a_key_of_same_length\""};
    return keys[below(std::size(keys))];
  }

  void change(std::string& text) {
    static constexpr std::string_view bytes =
        "{}[]:,\"\\ \n\t\r01-+.eEtfnua\x01\x0C\x7F\0\xC3\xFF'"sv;
    std::size_t at = below(text.size() + 1);
    std::size_t what = below(4);
    if (what == 0 || at == text.size()) {
      text.insert(at, 1, bytes[below(bytes.size())]);
    } else if (what == 1) {
      text[at] = bytes[below(bytes.size())];
    } else if (what == 2) {
      text.erase(at, 1 + below(3));
    } else {
      text.resize(at);
    }
    if (text.empty()) text = " ";
  }

  std::mt19937 random_;
};

TEST(JsonTwin, reads_what_the_public_interface_reads) {
  json::Reader reader;
  Corpus corpus(20);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = corpus.document();
    Arena arena, twin_arena;
    Result<Value> read = reader.read(text, arena);
    Twin twin(twin_arena);
    std::optional<Value> wanted = twin.read(valid_utf8(text) ? text : repair_utf8(text));
    ASSERT_EQ(read.has_value(), wanted.has_value()) << text;
    ++(wanted ? accepted : refused);
    if (!wanted) continue;
    ASSERT_EQ(json::to_json(*read), json::to_json(*wanted)) << text;
  }
  EXPECT_GT(accepted, 10'000);
  EXPECT_GT(refused, 10'000);
}

json::Shape corpus_shape() {
  json::Shape shape;
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{"a"},
                                             {"a", "b"},
                                             {"b", "a_key_of_some_length"},
                                             {"a_key_of_some_length"},
                                             {"", "eight_by"},
                                             {"eight_by", "a", "b"},
                                             {"b\"", "b\""},
                                             {"b", "a", "a_key_of_same_length"}})
    shape.nodes[shape.at(path)].whole = true;
  shape.number_slots();
  return shape;
}

TEST(JsonTwin, slots_hold_what_the_public_interface_reads) {
  json::Shape shape = corpus_shape();
  json::Reader reader;
  Corpus corpus(21);
  for (int round = 0; round < 50'000; ++round) {
    std::string text = corpus.document();
    Arena arena, twin_arena;
    std::vector<Value> read(shape.slot_count), filled(shape.slot_count);
    Twin twin(twin_arena);
    std::optional<Value> wanted = twin.read(valid_utf8(text) ? text : repair_utf8(text));
    const Error* error = reader.read_slots(text, shape, arena, read.data());
    ASSERT_EQ(error == nullptr, wanted.has_value()) << text;
    if (!wanted) continue;
    json::fill_slots(shape, *wanted, filled.data());
    for (std::size_t i = 0; i < read.size(); ++i) {
      ASSERT_EQ(read[i].is_undefined(), filled[i].is_undefined()) << text << " slot " << i;
      if (read[i].is_undefined()) continue;
      ASSERT_EQ(json::to_json(read[i]), json::to_json(filled[i])) << text << " slot " << i;
    }
  }
}

/// Pads a text and reads it; the slots may point into it.
bool read_quickly(json::QuickReader& reader, const json::Shape& shape, std::string& text,
                  Arena& arena, Value* slots) {
  std::size_t size = text.size();
  text.resize(size + json::Structure::padding);
  return reader.read(text.data(), size, shape, arena, slots);
}

/// The slots as JSON, or "" for a text that the quick reader leaves to the walk over tokens.
std::string quickly(json::QuickReader& reader, const json::Shape& shape, std::string text) {
  Arena arena;
  std::vector<Value> slots(shape.slot_count);
  if (!read_quickly(reader, shape, text, arena, slots.data())) return "";
  std::string out;
  for (const Value& slot : slots) out += slot.is_undefined() ? "-;" : json::to_json(slot) + ";";
  return out;
}

TEST(JsonTwin, the_quick_reader_takes_plain_documents) {
  json::Shape shape;
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{"a"}, {"b", "c"}, {"b", "d"}})
    shape.nodes[shape.at(path)].whole = true;
  shape.number_slots();
  json::QuickReader reader;
  struct Case {
    std::string text, slots;
  };
  const std::string long_key(40, 'k');
  const Case cases[] = {
      {R"({"a":1,"b":{"c":"x","d":true}})", R"(1;"x";true;)"},
      {R"({"a":2,"b":{"c":"y","d":null}})", R"(2;"y";null;)"},
      {R"({"a": 3 ,"b":{"c" :[1,{"e":"f"}],"d":{}}})", R"(3;[1,{"e":"f"}];{};)"},
      {R"({ "b" : { "d" : -4 } , "a" : [ ] , "e" : [ { } , [ ] ] })", "[];-;-4;"},
      {R"({"a":1,"a":2,"b":{"c":1},"b":{"d":2},"e":{"a":3}})", "2;-;2;"},
      {R"({"b":{"c":1},"b":7})", "-;-;-;"},
      {R"({"b":[{"c":1}],"a":{"c":1}})", R"({"c":1};-;-;)"},
      {R"({"a":0.1234567,"b":{"c":0.12345678,"d":1e5}})", "0.1234567;0.12345678;1e5;"},
      {R"({"a":1.50,"b":{"c":-0,"d":1.5e+3}})", "1.50;-0;1.5e+3;"},
      {R"({"a":12345678,"b":{"c":123456789,"d":1234567890123456}})",
       "12345678;123456789;1234567890123456;"},
      {R"({"a":12345678901234567,"b":{"c":9223372036854775808,"d":0}})",
       "12345678901234567;9223372036854775808;0;"},
      {R"({"a":"a \"quoted\" one","b":{"c":"\u00e9","d":"\\"}})",
       R"("a \"quoted\" one";"\u00e9";"\\";)"},
      {"{\"a\":\"m\xC3\xB3gulo\",\"b\":{\"c\":\"fifteen bytes..\",\"d\":\"sixteen bytes...\"}}",
       "\"m\xC3\xB3gulo\";\"fifteen bytes..\";\"sixteen bytes...\";"},
      {"{\"" + long_key + "\":1,\"a\":2,\"" + long_key + "\":3,\"b\":{\"c\":4}}", "2;4;-;"},
      {"{\"m\xC3\xB3\":1,\"a\":2}", "2;-;-;"},
      {"7", "-;-;-;"},
      {" [1] ", "-;-;-;"},
      {"{}", "-;-;-;"}};
  for (int round = 0; round < 3; ++round) {
    for (const Case& one : cases) {
      std::string wanted = one.slots;
      if (std::size_t at = wanted.find("\\u00e9"); at != wanted.npos)
        wanted.replace(at, 6, "\xC3\xA9");
      EXPECT_EQ(quickly(reader, shape, one.text), wanted) << one.text;
    }
  }
}

TEST(JsonTwin, the_quick_reader_leaves_other_documents) {
  json::Shape shape = corpus_shape();
  json::QuickReader reader;
  ASSERT_NE(quickly(reader, shape, R"({"a":1,"b":{"a":2}})"), "");
  for (std::string text : {R"({"a":1,"b":{"a":2})",
                           R"({"a":1,})",
                           R"({"a":1 "b":2})",
                           R"({"a":01})",
                           R"({"a":1.})",
                           R"({"a":.5})",
                           R"({"a":+1})",
                           R"({"a":1x})",
                           R"({"a":"x)",
                           R"({"a":"\x"})",
                           R"({"\u0061":1})",
                           R"({"a":tru})",
                           R"({"a":truex})",
                           R"({"a":nul)",
                           R"({"a")",
                           R"({"a":)",
                           R"({a:1})",
                           "",
                           " ",
                           R"({"a":1}})",
                           R"({"a":1} 2)",
                           R"([1,])",
                           R"([,1])",
                           R"({,"a":1})",
                           "{\"a\":\"\xFF\"}",
                           "{\"a\":\"\xC3\"}",
                           "{\"\xC3\":1}",
                           "{\"a\":\"line\nbreak\"}",
                           R"({"a":1e99999999999})"}) {
    EXPECT_EQ(quickly(reader, shape, text), "") << text;
    EXPECT_NE(quickly(reader, shape, R"({"a":1,"b":{"a":2}})"), "") << "behind " << text;
  }
  EXPECT_EQ(quickly(reader, shape, std::string("{\"a\":1\0}", 8)), "");
  EXPECT_EQ(quickly(reader, shape, std::string(2000, '[') + std::string(2000, ']')), "");
}

TEST(JsonTwin, the_quick_reader_takes_arrays_for_no_others_than_they_are) {
  json::Shape shape;
  shape.nodes[shape.at({"a"})].whole = true;
  shape.number_slots();
  const std::string of_16 = R"(["twelve bytes"])", of_32 = R"(["twelve bytes","thirteen byte"])";
  ASSERT_EQ(of_16.size(), 16u);
  ASSERT_EQ(of_32.size(), 32u);
  const std::string large(5000, 'x');
  const std::string arrays[] = {"[]",
                                "[1]",
                                "[ 1 ]",
                                "[1,2]",
                                "[12]",
                                R"([""])",
                                R"(["a"])",
                                R"(["b"])",
                                R"(["a","b"])",
                                R"(["a" , "b"])",
                                of_16,
                                of_32,
                                R"(["twelve bytes","thirteen bytf"])",
                                R"(["twelve bytes","thirteen byte",3])",
                                "[true,null,1.50,-0,12345678901234567890,1e3]",
                                "[\"m\xC3\xB3gulo\"]",
                                R"(["a \"quoted\" one","x"])",
                                "[[1]]",
                                R"([{"a":1}])",
                                "[\"" + large + "\"]",
                                "[\"" + large.substr(1000) + "\"]",
                                "1",
                                R"("[1]")"};
  for (const std::string& first : arrays) {
    for (const std::string& second : arrays) {
      json::QuickReader reader;
      for (const std::string& array : {first, first, second, first, second, second, first}) {
        Arena arena;
        Result<Value> wanted = json::read_owned(array, arena);
        ASSERT_TRUE(wanted) << array;
        EXPECT_EQ(quickly(reader, shape, "{\"a\":" + array + "}"), json::to_json(*wanted) + ";");
      }
      for (const std::string& wrong : {first + "]", first + "x", first + ",", "," + first})
        EXPECT_EQ(quickly(reader, shape, "{\"a\":" + wrong + "}"), "") << wrong;
      EXPECT_EQ(quickly(reader, shape, "{\"a\":" + first.substr(0, first.size() - 1)), "");
    }
  }
}

TEST(JsonTwin, the_quick_reader_reads_an_array_once_that_stands_there_again) {
  json::Shape shape;
  shape.nodes[shape.at({"a"})].whole = true;
  shape.number_slots();
  Arena arena;
  auto items_of = [&](json::QuickReader& reader, const std::string& array) {
    Value slot;
    std::string text = "{\"a\":" + array + "}";
    EXPECT_TRUE(read_quickly(reader, shape, text, arena, &slot)) << array;
    return slot.items();
  };
  json::QuickReader reader;
  const std::string list = R"(["a","b",1.5,true])";
  items_of(reader, list);
  const Value* known = items_of(reader, list);
  EXPECT_EQ(items_of(reader, list), known);
  EXPECT_NE(items_of(reader, "[1]"), known);
  items_of(reader, list);
  known = items_of(reader, list);
  EXPECT_EQ(items_of(reader, list), known);
  for (int i = 0; i < 100; ++i) items_of(reader, "[" + std::to_string(i) + "]");
  items_of(reader, list);
  EXPECT_NE(items_of(reader, list), items_of(reader, list)) << "it has seen too many others";
}

TEST(JsonTwin, the_quick_reader_remembers_no_more_than_it_may) {
  json::Shape shape = corpus_shape();
  json::QuickReader reader;
  std::mt19937 random(22);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> keys = {"a", "b"};
    for (int i = 0; i < 100; ++i)
      keys.push_back("key" + std::to_string(random() % 1000 + 1000 * i));
    std::shuffle(keys.begin(), keys.end(), random);
    std::string text = "{";
    for (const std::string& key : keys)
      text += (text.size() > 1 ? ",\"" : "\"") + key + "\":" + (key == "b" ? R"({"a":5})" : "6");
    EXPECT_EQ(quickly(reader, shape, text + "}").substr(0, 2), "6;");
  }
}

TEST(JsonTwin, the_quick_reader_takes_all_of_utf8_and_nothing_else) {
  json::Shape shape;
  shape.nodes[shape.at({"a"})].whole = true;
  shape.number_slots();
  json::QuickReader reader;
  const std::string pieces[] = {"x",        "plain text",   "\xC3\xA9",         "\xDF\xBF",
                                "\xC2\x80", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xC3",
                                "\xA9",     "\xC1\xBF",     "\xED\xA0\x80",     "\xFF"};
  std::mt19937 random(23);
  int good = 0, bad = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::size_t kinds = random() % 3 == 0 ? std::size(pieces) : 7;
    std::string text;
    for (std::size_t i = random() % 25; i > 0; --i) text += pieces[random() % kinds];
    bool valid = valid_utf8(text);
    ++(valid ? good : bad);
    EXPECT_EQ(quickly(reader, shape, "{\"a\":\"" + text + "\"}"), valid ? "\"" + text + "\";" : "");
  }
  EXPECT_GT(good, 10'000);
  EXPECT_GT(bad, 5'000);
}

}  // namespace
