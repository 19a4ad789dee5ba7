// Generates inputs from what a program reads and compares.
#include "inputs.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "lictor/print.hpp"

namespace lictor::cli {

InputGenerator::InputGenerator(const Policy& policy, std::uint64_t seed)
    : paths_(policy.input_paths()), state_(seed * 2 + 1) {
  for (const Value& constant : policy.constants()) {
    if (constant.is(Kind::string)) texts_.push_back(to_json(constant));
    if (constant.is(Kind::number)) numbers_.push_back(to_json(constant));
  }
  if (texts_.empty()) texts_.push_back("\"a\"");
  if (numbers_.empty()) numbers_.push_back("1");
}

std::uint64_t InputGenerator::random() {
  state_ ^= state_ << 13;
  state_ ^= state_ >> 7;
  state_ ^= state_ << 17;
  return state_ * 0x2545F4914F6CDD1Du >> 16;
}

std::string InputGenerator::text() {
  static const char* const strange[] = {"\"\"",    "\"é\\u00e9\"", "\"\\ud83d\\ude00\"",
                                        "\"<&>\"", "\"\\ud800\"",  "\"a\\\"b\\\\c\\n\"",
                                        "\"日本\""};
  return chance(85) ? texts_[below(texts_.size())] : strange[below(std::size(strange))];
}

/// A constant of the policy, or one above, below or a part of it.
std::string InputGenerator::near_number() {
  const std::string& base = numbers_[below(numbers_.size())];
  std::int64_t integer = 0;
  auto [end, error] = std::from_chars(base.data(), base.data() + base.size(), integer);
  if (error != std::errc() || end != base.data() + base.size() || integer > INT64_MAX / 4 ||
      integer < INT64_MIN / 4)
    return base;
  switch (below(6)) {
    case 0:
      return base;
    case 1:
      return std::to_string(integer + 1);
    case 2:
      return std::to_string(integer - 1);
    case 3:
      return std::to_string(integer / 2);
    case 4:
      return std::to_string(integer * 2);
    default:
      return std::to_string(integer) + (chance(50) ? ".5" : ".0");
  }
}

std::string InputGenerator::number() {
  static const char* const strange[] = {"0",
                                        "-1",
                                        "1e3",
                                        "1E+2",
                                        "-0",
                                        "0.1",
                                        "1.50",
                                        "123456789012345678901234567890",
                                        "1e300",
                                        "-9223372036854775809",
                                        "18446744073709551615",
                                        "0.30000000000000004",
                                        "1700000000000",
                                        "1699900000000"};
  if (sane_)
    return chance(50)   ? near_number()
           : chance(50) ? std::to_string(below(10000000))
                        : std::to_string(1700000000000 - 800000000 +
                                         static_cast<std::int64_t>(below(1600000000)));
  return chance(60) ? near_number() : strange[below(std::size(strange))];
}

std::string InputGenerator::value(int depth) {
  std::size_t kind = below(sane_ ? 10 : 14);
  if (kind < 3) return text();
  if (kind < 7) return number();
  if (kind == 7) return chance(50) ? "true" : "false";
  if (kind == 10) return "null";
  bool object = kind == 9 || kind == 11;
  std::string out(1, object ? '{' : '[');
  std::size_t count = depth > 2 ? 0 : below(4);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out += ',';
    if (object) out += texts_[below(texts_.size())] + ":";
    out += chance(70) ? text() : value(depth + 1);
  }
  return out + (object ? '}' : ']');
}

std::string InputGenerator::fields(const std::vector<std::vector<std::string>>& paths,
                                   std::size_t depth) {
  std::map<std::string, std::vector<std::vector<std::string>>> below_key;
  for (const auto& path : paths) {
    if (path.size() <= depth) return value(static_cast<int>(depth));
    below_key[path[depth]].push_back(path);
  }
  std::string out = "{";
  for (const auto& [key, rest] : below_key) {
    if (chance(sane_ ? 4 : 15)) continue;
    if (out.size() > 1) out += ',';
    bool replaced = !sane_ && chance(10);
    out += to_json(Value::string(key)) + ":" + (replaced ? value(0) : fields(rest, depth + 1));
  }
  if (chance(10)) out += std::string(out.size() > 1 ? "," : "") + "\"unread\":" + value(0);
  return out + "}";
}

std::string InputGenerator::next() {
  sane_ = chance(50);
  if (!sane_ && chance(3)) return value(0);
  return paths_.empty() ? value(0) : fields(paths_, 0);
}

}  // namespace lictor::cli
