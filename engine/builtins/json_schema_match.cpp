// A document beside a compiled schema: what does not match, outer before inner, and of several
// schemas of which one must match the mismatches of the one that comes nearest.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/stack.hpp"
#include "base/unicode.hpp"
#include "builtins/json_formats.hpp"
#include "builtins/json_schema.hpp"
#include "builtins/regex_match.hpp"
#include "json/write.hpp"
#include "value/compare.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::builtins {
namespace {

constexpr int most_depth = 10'000;
constexpr std::size_t bytes_a_level = 2048;
constexpr int plain_depth = 64;  // that any stack has room for

/// Thrown where more levels are needed than there are.
struct TooDeep {};

bool is_deeper(const Value& value, int levels) {
  if (!value.is_collection()) return false;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    Value inner = value.is(Kind::object) ? object_member(value, i).value : value.items()[i];
    if (levels == 0 || is_deeper(inner, levels - 1)) return true;
  }
  return false;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) out.append(i == 0 ? "" : ", ").append(texts[i]);
  return out;
}

/// A number as its digits before an exponent of ten.
struct ExactNumber {
  BigInt digits;
  std::int64_t exponent = 0;
};

ExactNumber exact(const Value& number) {
  std::string text = number_text(number), digits;
  std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::int64_t exponent = e < text.size() ? std::strtoll(text.c_str() + e + 1, nullptr, 10) : 0;
  bool fraction = false;
  for (char c : std::string_view(text).substr(0, e)) {
    if (c == '.') fraction = true;
    if (c < '0' || c > '9') continue;
    digits += c;
    exponent -= fraction;
  }
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return {BigInt(digits), digits == "0" ? 0 : exponent};
}

bool is_integer(const Value& number) { return number.is_integer() || exact(number).exponent >= 0; }

bool is_multiple(const Value& number, const Value& step) {
  ExactNumber whole = exact(number), part = exact(step);
  if (whole.digits == 0) return true;
  std::int64_t exponent = whole.exponent - part.exponent;
  BigInt power = 10;
  if (exponent >= 0)
    return whole.digits * BigInt(powm(power, BigInt(exponent), part.digits)) % part.digits == 0;
  // A product of more digits divides nothing.
  if (-exponent > static_cast<std::int64_t>(msb(whole.digits))) return false;
  return whole.digits % (part.digits * pow(power, static_cast<unsigned>(-exponent))) == 0;
}

/// True if numerator and denominator of the number have at most 64 bits.
bool is_small_fraction(const ExactNumber& number) {
  constexpr std::int64_t most_places = 64;
  constexpr std::size_t most_bits = 64;
  if (number.digits == 0) return true;
  if (std::abs(number.exponent) > most_places) return false;
  BigInt power = pow(BigInt(10), static_cast<unsigned>(std::abs(number.exponent)));
  BigInt numerator = number.digits, denominator = 1;
  if (number.exponent > 0)
    numerator *= power;
  else
    denominator = power / gcd(power, number.digits);
  return msb(numerator) < most_bits && msb(denominator) < most_bits;
}

/// A bound as an error shows it: the fewest digits of a float that has as many bits as the bound's
/// numerator and denominator, and 64 at least.
std::string shown_bound(const Value& number) {
  ExactNumber value = exact(number);
  if (is_small_fraction(value)) return format_shortest(to_big_float(number));
  Decimal decimal;
  decimal.negative = compare_numbers(number, Value::integer(0)) < 0;
  decimal.digits = value.digits.str();
  decimal.point = static_cast<int>(decimal.digits.size()) + static_cast<int>(value.exponent);
  return format_decimal(decimal, 'g', -1, true);
}

/// How a double is written in Go's JSON.
std::string double_json(double value) {
  double size = std::abs(value);
  bool exponential = size != 0 && (size < 1e-6 || size >= 1e21);
  std::string out = format_decimal(shortest_decimal(value), exponential ? 'e' : 'f', -1, true);
  std::size_t at = out.size();
  bool padded = at > 4 && out[at - 4] == 'e' && out[at - 3] == '-' && out[at - 2] == '0';
  if (padded) out.erase(at - 2, 1);
  return out;
}

/// A value's place in the document.
struct Place {
  std::string_view name;  // of a member
  const Place* outer = nullptr;
  std::optional<std::uint32_t> index = {};  // of an item

  std::string text() const {
    std::string own = index ? std::to_string(*index) : std::string(name);
    return outer ? outer->text() + "." + own : own;
  }
};

[[noreturn]] void refuse_number(const Value& number, const Place& place) {
  std::string where = place.outer ? place.text() : "Go value";
  std::string_view last = std::string_view(where).substr(where.rfind('.') + 1);
  bool is_index = !last.empty() && last.find_first_not_of("0123456789") == last.npos;
  if (place.outer && !is_index) where = "Go struct field " + where;
  throw SchemaError{"json: cannot unmarshal number " + number_text(number) + " into " + where +
                    " of type float64"};
}

void append_plain(std::string& out, const Value& value, const Place& place) {
  if (value.is(Kind::number)) {
    double number = to_double(value);
    if (!std::isfinite(number)) refuse_number(value, place);
    out += double_json(number);
  } else if (value.is(Kind::array)) {
    out += '[';
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      append_plain(out, value.items()[i], {{}, &place, i});
    }
    out += ']';
  } else if (value.is(Kind::object)) {
    out += '{';
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      Member member = object_member(value, i);
      if (i > 0) out += ',';
      json::append_json(out, member.key);
      out += ':';
      append_plain(out, member.value, {member.key.as_string(), &place});
    }
    out += '}';
  } else {
    json::append_json(out, value);
  }
}

constexpr std::string_view root_name = "(Root)";

/// What one schema says of one value, and how near they come: the library's measure.
struct Outcome {
  std::vector<Mismatch> mismatches;
  int score = 0;

  bool matches() const { return mismatches.empty(); }
  void add(Outcome other) {
    std::move(other.mismatches.begin(), other.mismatches.end(), std::back_inserter(mismatches));
    score += other.score;
  }
};

std::string field_of(const Place& place) {
  std::string out = place.text();
  std::string prefix = std::string(root_name) + ".";
  return out.starts_with(prefix) ? out.substr(prefix.size()) : out;
}

class Matcher {
 public:
  explicit Matcher(int most_depth) : most_depth_(most_depth) {}

  void match(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    if (++depth_ > most_depth_) throw TooDeep();
    match_here(schema, value, place, out);
    --depth_;
  }

 private:
  Outcome outcome(const Subschema& schema, const Value& value, const Place& place) {
    Outcome out;
    match(schema, value, place, out);
    return out;
  }

  static void fail(Outcome& out, const Place& place, std::string_view type,
                   std::string description) {
    out.mismatches.push_back({field_of(place), type, std::move(description)});
    out.score -= 2;
  }

  void match_here(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    if (schema.verdict) {
      if (!*schema.verdict) fail(out, place, "false", "False always fails validation");
      return;
    }
    if (schema.referenced) return match(*schema.referenced, value, place, out);
    std::string_view kind = kind_of(value);
    if (!schema.types.empty() && !has_type(schema, value, kind))
      return fail(
          out, place, "invalid_type",
          "Invalid type. Expected: " + types_text(schema.types) + ", given: " + std::string(kind));
    match_schemas(schema, value, place, out);
    if (value.is(Kind::number)) match_number(schema, value, place, out);
    if (value.is(Kind::array)) match_array(schema, value, place, out);
    if (value.is(Kind::object)) match_object(schema, value, place, out);
    match_constants(schema, value, place, out);
    if (value.is(Kind::string)) match_string(schema, value.as_string(), place, out);
    if (value.is(Kind::object)) match_properties(schema, value, place, out);
    ++out.score;
  }

  static std::string_view kind_of(const Value& value) {
    if (value.is(Kind::number)) return is_integer(value) ? "integer" : "number";
    return kind_name(value.kind());
  }

  static bool has_type(const Subschema& schema, const Value& value, std::string_view kind) {
    return schema.has_type(kind) || (value.is(Kind::number) && schema.has_type("number"));
  }

  // --- schemas that hold for the same value

  void match_schemas(const Subschema& schema, const Value& value, const Place& place,
                     Outcome& out) {
    match_any(schema, value, place, out);
    match_one(schema, value, place, out);
    match_all(schema, value, place, out);
    if (schema.negated && outcome(*schema.negated, value, place).matches())
      fail(out, place, "number_not", "Must not validate the schema (not)");
    if (value.is(Kind::object)) match_dependencies(schema, value, place, out);
    if (schema.condition) match_condition(schema, value, place, out);
    ++out.score;
  }

  static void keep_nearest(std::optional<Outcome>& nearest, Outcome next) {
    if (!nearest || next.score > nearest->score) nearest = std::move(next);
  }

  void match_any(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    if (schema.any_of.empty()) return;
    std::optional<Outcome> nearest;
    for (const Subschema* choice : schema.any_of) {
      Outcome next = outcome(*choice, value, place);
      if (next.matches()) return;
      keep_nearest(nearest, std::move(next));
    }
    fail(out, place, "number_any_of", "Must validate at least one schema (anyOf)");
    out.add(std::move(*nearest));
  }

  void match_one(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    if (schema.one_of.empty()) return;
    std::size_t matching = 0;
    std::optional<Outcome> nearest;
    for (const Subschema* choice : schema.one_of) {
      Outcome next = outcome(*choice, value, place);
      if (next.matches())
        ++matching;
      else if (matching == 0)
        keep_nearest(nearest, std::move(next));
    }
    if (matching == 1) return;
    fail(out, place, "number_one_of", "Must validate one and only one schema (oneOf)");
    if (matching == 0) out.add(std::move(*nearest));
  }

  void match_all(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    bool all = true;
    for (const Subschema* part : schema.all_of) {
      Outcome next = outcome(*part, value, place);
      all = all && next.matches();
      out.add(std::move(next));
    }
    if (!all) fail(out, place, "number_all_of", "Must validate all the schemas (allOf)");
  }

  void match_dependencies(const Subschema& schema, const Value& value, const Place& place,
                          Outcome& out) {
    if (schema.dependencies.empty()) return;
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      auto found = schema.dependencies.find(object_member(value, i).key.as_string());
      if (found == schema.dependencies.end()) continue;
      if (found->second.schema) match(*found->second.schema, value, place, out);
      for (std::string_view name : found->second.members) {
        if (lookup(value, name).is_undefined())
          fail(out, place, "missing_dependency", "Has a dependency on " + std::string(name));
      }
    }
  }

  void match_condition(const Subschema& schema, const Value& value, const Place& place,
                       Outcome& out) {
    bool holds = outcome(*schema.condition, value, place).matches();
    const Subschema* then = holds ? schema.consequent : schema.alternative;
    if (!then) return;
    Outcome next = outcome(*then, value, place);
    if (next.matches()) return;
    if (holds)
      fail(out, place, "condition_then", R"(Must validate "then" as "if" was valid)");
    else
      fail(out, place, "condition_else", R"(Must validate "else" as "if" was not valid)");
    out.add(std::move(next));
  }

  // --- what any value may have

  static void match_constants(const Subschema& schema, const Value& value, const Place& place,
                              Outcome& out) {
    if (schema.constant && plain_json(value) != *schema.constant)
      fail(out, place, "const", field_of(place) + " does not match: " + *schema.constant);
    if (schema.choices) {
      const auto& choices = schema.sorted_choices;
      if (!std::binary_search(choices.begin(), choices.end(), plain_json(value)))
        fail(out, place, "enum",
             field_of(place) + " must be one of the following: " + joined(*schema.choices));
    }
    bool has_text_format = !schema.format.empty() && value.is(Kind::string);
    if (has_text_format && !has_format(value.as_string(), schema.format))
      fail(out, place, "format", "Does not match format '" + std::string(schema.format) + "'");
    ++out.score;
  }

  // --- arrays

  void match_array(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    match_items(schema, value, place, out);
    std::int64_t size = value.size();
    if (schema.min_items && size < *schema.min_items)
      fail(out, place, "array_min_items",
           "Array must have at least " + std::to_string(*schema.min_items) + " items");
    if (schema.max_items && size > *schema.max_items)
      fail(out, place, "array_max_items",
           "Array must have at most " + std::to_string(*schema.max_items) + " items");
    if (schema.unique_items) match_unique(value, place, out);
    if (schema.contains) match_contains(schema, value, place, out);
    ++out.score;
  }

  void match_item(const Subschema& schema, const Value& value, std::uint32_t index,
                  const Place& place, Outcome& out) {
    match(schema, value.items()[index], {{}, &place, index}, out);
  }

  void match_items(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    auto known = static_cast<std::uint32_t>(
        schema.one_item_schema ? value.size()
                               : std::min<std::size_t>(schema.items.size(), value.size()));
    for (std::uint32_t i = 0; i < known; ++i)
      match_item(*schema.items[schema.one_item_schema ? 0 : i], value, i, place, out);
    bool has_more = !schema.items.empty() && known < value.size();
    if (!has_more) return;
    if (schema.other_items.allowed && !*schema.other_items.allowed)
      fail(out, place, "array_no_additional_items", "No additional items allowed on array");
    for (std::uint32_t i = known; schema.other_items.schema && i < value.size(); ++i)
      match_item(*schema.other_items.schema, value, i, place, out);
  }

  static void match_unique(const Value& value, const Place& place, Outcome& out) {
    std::unordered_map<std::string, std::uint32_t> seen;
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      auto [earlier, added] = seen.try_emplace(plain_json(value.items()[i]), i);
      if (added) continue;
      fail(out, place, "unique",
           "array items[" + std::to_string(earlier->second) + "," + std::to_string(i) +
               "] must be unique");
      earlier->second = i;
    }
  }

  void match_contains(const Subschema& schema, const Value& value, const Place& place,
                      Outcome& out) {
    std::optional<Outcome> nearest;
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      Outcome next;
      match_item(*schema.contains, value, i, place, next);
      if (next.matches()) return;
      keep_nearest(nearest, std::move(next));
    }
    fail(out, place, "contains", "At least one of the items must match");
    if (nearest) out.add(std::move(*nearest));
  }

  // --- objects

  void match_object(const Subschema& schema, const Value& value, const Place& place, Outcome& out) {
    std::int64_t size = value.size();
    if (schema.min_properties && size < *schema.min_properties)
      fail(out, place, "array_min_properties",
           "Must have at least " + std::to_string(*schema.min_properties) + " properties");
    if (schema.max_properties && size > *schema.max_properties)
      fail(out, place, "array_max_properties",
           "Must have at most " + std::to_string(*schema.max_properties) + " properties");
    for (std::string_view name : schema.required) {
      if (lookup(value, name).is_undefined())
        fail(out, place, "required", std::string(name) + " is required");
      else
        ++out.score;
    }
    match_other_properties(schema, value, place, out);
    for (std::uint32_t i = 0; schema.property_names && i < value.size(); ++i)
      match_name(*schema.property_names, object_member(value, i).key, place, out);
    ++out.score;
  }

  void match_other_properties(const Subschema& schema, const Value& value, const Place& place,
                              Outcome& out) {
    const Remainder& other = schema.other_properties;
    bool counts = !schema.patterns.empty() || other.allowed || other.schema;
    for (std::uint32_t i = 0; counts && i < value.size(); ++i) {
      Member member = object_member(value, i);
      std::string_view name = member.key.as_string();
      bool is_known = match_patterns(schema, member, place, out) || has_property(schema, name);
      if (is_known) continue;
      if (other.allowed && !*other.allowed)
        fail(out, place, "additional_property_not_allowed",
             "Additional property " + std::string(name) + " is not allowed");
      if (other.schema) match(*other.schema, member.value, {name, &place}, out);
    }
  }

  static bool has_property(const Subschema& schema, std::string_view name) {
    auto by_name = [](const Subschema::Named& property, std::string_view wanted) {
      return property.first < wanted;
    };
    auto found =
        std::lower_bound(schema.properties.begin(), schema.properties.end(), name, by_name);
    return found != schema.properties.end() && found->first == name;
  }

  bool match_patterns(const Subschema& schema, const Member& member, const Place& place,
                      Outcome& out) {
    bool any = false;
    for (const auto& [pattern, inner] : schema.patterns) {
      if (!matches_regex(pattern, member.key.as_string()).value_or(false)) continue;
      any = true;
      match(*inner, member.value, {member.key.as_string(), &place}, out);
    }
    out.score += any;
    return any;
  }

  void match_name(const Subschema& schema, const Value& name, const Place& place, Outcome& out) {
    Outcome next = outcome(schema, name, place);
    if (next.matches()) return;
    fail(out, place, "invalid_property_name",
         "Property name of \"" + std::string(name.as_string()) + "\" does not match");
    out.add(std::move(next));
  }

  void match_properties(const Subschema& schema, const Value& value, const Place& place,
                        Outcome& out) {
    for (const auto& [name, inner] : schema.properties) {
      Value member = lookup(value, name);
      if (!member.is_undefined()) match(*inner, member, {name, &place}, out);
    }
  }

  // --- texts and numbers

  static void match_string(const Subschema& schema, std::string_view text, const Place& place,
                           Outcome& out) {
    std::int64_t length =
        schema.min_length || schema.max_length ? static_cast<std::int64_t>(count_runes(text)) : 0;
    if (schema.min_length && length < *schema.min_length)
      fail(out, place, "string_gte",
           "String length must be greater than or equal to " + std::to_string(*schema.min_length));
    if (schema.max_length && length > *schema.max_length)
      fail(out, place, "string_lte",
           "String length must be less than or equal to " + std::to_string(*schema.max_length));
    if (schema.pattern && !matches_regex(*schema.pattern, text).value_or(false))
      fail(out, place, "pattern", "Does not match pattern '" + std::string(*schema.pattern) + "'");
    ++out.score;
  }

  static void match_number(const Subschema& schema, const Value& value, const Place& place,
                           Outcome& out) {
    struct Bound {
      const std::optional<Value>& bound;
      bool (*holds)(int order);
      std::string_view type, words;
    };
    const Bound bounds[] = {{schema.maximum, [](int order) { return order <= 0; }, "number_lte",
                             "Must be less than or equal to "},
                            {schema.exclusive_maximum, [](int order) { return order < 0; },
                             "number_lt", "Must be less than "},
                            {schema.minimum, [](int order) { return order >= 0; }, "number_gte",
                             "Must be greater than or equal to "},
                            {schema.exclusive_minimum, [](int order) { return order > 0; },
                             "number_gt", "Must be greater than "}};
    if (schema.multiple_of && !is_multiple(value, *schema.multiple_of))
      fail(out, place, "multiple_of", "Must be a multiple of " + shown_bound(*schema.multiple_of));
    for (const auto& [bound, holds, type, words] : bounds) {
      if (bound && !holds(compare_numbers(value, *bound)))
        fail(out, place, type, std::string(words) + shown_bound(*bound));
    }
    ++out.score;
  }

  int most_depth_;
  int depth_ = 0;
};

/// Nothing if there are too few levels.
std::optional<std::vector<Mismatch>> match_within(const JsonSchema& schema, const Value& document,
                                                  int levels) {
  Outcome out;
  try {
    Matcher(levels).match(*schema.root, document, {root_name}, out);
  } catch (const TooDeep&) {
    return std::nullopt;
  }
  return std::move(out.mismatches);
}

/// As above, with as much stack as all levels take.
std::vector<Mismatch> match_deeply(const JsonSchema& schema, const Value& document) {
  std::optional<std::vector<Mismatch>> out;
  std::optional<SchemaError> error;
  auto match = [&] {
    try {
      out = match_within(schema, document, most_depth);
    } catch (SchemaError& thrown) {
      error = std::move(thrown);
    }
  };
  bool called = with_stack(most_depth * bytes_a_level, match);
  if (error) throw *error;
  if (!called || !out)
    throw SchemaError{"the document, or the schema's references, are nested too deeply"};
  return std::move(*out);
}

}  // namespace

std::string plain_json(const Value& value) {
  std::string out;
  append_plain(out, value, {});
  return out;
}

std::vector<Mismatch> match_schema(const JsonSchema& schema, const Value& document) {
  if (!is_deeper(document, plain_depth)) {
    if (auto out = match_within(schema, document, plain_depth)) return std::move(*out);
  }
  return match_deeply(schema, document);
}

}  // namespace lictor::builtins
