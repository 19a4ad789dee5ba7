#include "json/yaml_decode.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>

#include "base/unicode.hpp"
#include "value/number.hpp"

namespace lictor::yaml {
namespace {

constexpr int most_depth = 10000;
constexpr std::size_t most_errors = 10000;

/// The tag that decides whether a node is null or may be a key of a map of texts.
const std::string& tag_of(const Node& node) {
  return node.kind == Node::Kind::alias ? node.target->tag : node.tag;
}

/// Equal for keys that are equal to Go.
std::string identity(const Decoded& key) {
  const Scalar& scalar = key.scalar;
  switch (scalar.kind) {
    case Scalar::Kind::null:
      return "n";
    case Scalar::Kind::boolean:
      return scalar.boolean ? "t" : "f";
    case Scalar::Kind::integer:
      return "i" + std::to_string(scalar.integer);
    case Scalar::Kind::unsigned_integer:
      return "u" + std::to_string(scalar.unsigned_integer);
    case Scalar::Kind::floating:
      return "d" + std::to_string(std::bit_cast<std::uint64_t>(scalar.floating + 0.0));
    case Scalar::Kind::timestamp:
      return "m" + to_rfc3339(scalar.timestamp);
    case Scalar::Kind::text:
      break;
  }
  return "s" + scalar.text;
}

std::string go_quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  return format_decimal(shortest_decimal(value), 'g', -1, true);
}

std::string moment_syntax(const Timestamp& moment) {
  constexpr const char* months[] = {"January",   "February", "March",    "April",
                                    "May",       "June",     "July",     "August",
                                    "September", "October",  "November", "December"};
  std::string out =
      "time.Date(" + std::to_string(moment.year) + ", time." + months[moment.month - 1];
  for (int part : {moment.day, moment.hour, moment.minute, moment.second, moment.nanosecond})
    out += ", " + std::to_string(part);
  const char* zone = !moment.zoned        ? "time.UTC"
                     : moment.offset == 0 ? "time.Local"
                                          : "time.Location(\"\")";
  return out + ", " + zone + ")";
}

std::string scalar_syntax(const Scalar& scalar) {
  switch (scalar.kind) {
    case Scalar::Kind::null:
      return "interface {}(nil)";
    case Scalar::Kind::boolean:
      return scalar.boolean ? "true" : "false";
    case Scalar::Kind::integer:
      return std::to_string(scalar.integer);
    case Scalar::Kind::unsigned_integer: {
      std::string out = "0x";  // of 16 digits, as it is beyond an int64
      for (int shift = 60; shift >= 0; shift -= 4)
        out += "0123456789abcdef"[scalar.unsigned_integer >> shift & 15];
      return out;
    }
    case Scalar::Kind::floating:
      return float_text(scalar.floating);
    case Scalar::Kind::timestamp:
      return moment_syntax(scalar.timestamp);
    case Scalar::Kind::text:
      break;
  }
  return go_quoted(scalar.text);
}

using Member = std::pair<Decoded, Decoded>;

std::vector<const Member*> sorted_members(const Decoded& map) {
  std::vector<const Member*> out;
  for (const Member& member : map.members) out.push_back(&member);
  auto rank = [](const Member* member) {
    const Scalar& key = member->first.scalar;
    return std::tuple(static_cast<int>(key.kind), key.integer, key.floating, key.text);
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const Member* a, const Member* b) { return rank(a) < rank(b); });
  return out;
}

}  // namespace

// ---- Values ----

const Decoded* Decoded::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.is_text() && name.scalar.text == key) return &value;
  }
  return nullptr;
}

Decoded decoded_text(std::string text) {
  Decoded out;
  out.scalar.kind = Scalar::Kind::text;
  out.scalar.text = std::move(text);
  return out;
}

std::string go_syntax(const Decoded& value) {
  if (value.kind == Decoded::Kind::scalar) return scalar_syntax(value.scalar);
  std::string out, separator;
  if (value.kind == Decoded::Kind::list) {
    out = "[]interface {}{";
    for (const Decoded& item : value.items) out += std::exchange(separator, ", ") + go_syntax(item);
    return out + "}";
  }
  out = value.kind == Decoded::Kind::map ? "map[string]interface {}{"
                                         : "map[interface {}]interface {}{";
  for (const Member* member : sorted_members(value))
    out +=
        std::exchange(separator, ", ") + go_syntax(member->first) + ":" + go_syntax(member->second);
  return out + "}";
}

std::string go_text(const Decoded& value) {
  auto inner_text = [](const Decoded& inner) { return inner.is_null() ? "<nil>" : go_text(inner); };
  std::string out, separator;
  if (value.kind == Decoded::Kind::list) {
    for (const Decoded& item : value.items) out += std::exchange(separator, " ") + inner_text(item);
    return "[" + out + "]";
  }
  if (value.is_map()) {
    for (const Member* member : sorted_members(value))
      out += std::exchange(separator, " ") + inner_text(member->first) + ":" +
             inner_text(member->second);
    return "map[" + out + "]";
  }
  const Scalar& scalar = value.scalar;
  switch (scalar.kind) {
    case Scalar::Kind::null:
      return "%!s(<nil>)";
    case Scalar::Kind::boolean:
      return "%!s(bool=" + scalar_syntax(scalar) + ")";
    case Scalar::Kind::integer:
      return "%!s(int=" + scalar_syntax(scalar) + ")";
    case Scalar::Kind::unsigned_integer:
      return "%!s(uint64=" + std::to_string(scalar.unsigned_integer) + ")";
    case Scalar::Kind::floating:
      return "%!s(float64=" + scalar_syntax(scalar) + ")";
    case Scalar::Kind::timestamp: {
      std::string text = to_rfc3339(scalar.timestamp);
      std::string zone = text.ends_with('Z') ? "+0000" : text.substr(text.size() - 6);
      std::erase(zone, ':');
      std::string moment = text.substr(0, text.size() - (text.ends_with('Z') ? 1 : 6));
      moment[10] = ' ';
      return moment + " " + zone + " " + (zone == "+0000" ? "UTC" : zone);
    }
    case Scalar::Kind::text:
      break;
  }
  return scalar.text;
}

Scalar scalar_value(const Node& node) {
  Scalar out = resolve(node.tag, node.value);
  if (node.tag == "!!binary") out.text = decode_binary(out.text);
  return out;
}

bool is_merge_key(const Node& node) {
  return node.kind == Node::Kind::scalar && node.value == "<<" && node.tag == "!!merge";
}

// ---- Visiting ----

/// Of many values only some may come from aliases: 99 % of 400,000, falling to 10 % of 4,000,000.
void Decoder::count() {
  constexpr double low = 400000, high = 4000000;
  ++count_;
  if (!open_aliases_.empty()) ++alias_count_;
  if (alias_count_ <= 100 || count_ <= 1000) return;
  double part = std::clamp((static_cast<double>(count_) - low) / (high - low), 0.0, 1.0);
  if (static_cast<double>(alias_count_) / static_cast<double>(count_) > 0.99 - 0.89 * part)
    throw Refused{"yaml: document contains excessive aliasing"};
}

bool Decoder::visit(const Node& node, Visit value) {
  count();
  if (node.kind != Node::Kind::alias) {
    if (++depth_ > most_depth) throw Refused{"exceeded max depth"};
    bool decoded = value(node);
    --depth_;
    return decoded;
  }
  if (!open_aliases_.insert(&node).second)
    throw Refused{"yaml: anchor '" + node.value + "' value contains itself"};
  bool decoded = visit(*node.target, value);
  open_aliases_.erase(&node);
  return decoded;
}

void Decoder::mismatch(const Node& node, const char* tag, const std::string& type) {
  std::string_view found = node.tag.empty() ? tag : node.tag;
  std::string text =
      "line " + std::to_string(node.line) + ": cannot unmarshal " + std::string(found);
  if (found != "!!seq" && found != "!!map")
    text += " `" + (node.value.size() > 10 ? node.value.substr(0, 7) + "..." : node.value) + "`";
  errors_.push_back(text + " into " + type);
}

std::string Decoder::errors() const {
  if (errors_.empty()) return {};
  std::string out = "yaml: unmarshal errors:";
  for (const std::string& error : errors_) out += "\n  " + error;
  return out;
}

/// Lists the keys of a mapping that occur twice.
bool Decoder::is_repetitive(const Node& node) {
  std::unordered_map<std::string, std::vector<const Node*>> by_key;
  auto key_of = [](const Node& key) {
    return std::to_string(static_cast<int>(key.kind)) + key.value;
  };
  for (std::size_t i = 0; i < node.content.size(); i += 2)
    by_key[key_of(*node.content[i])].push_back(node.content[i]);
  if (by_key.size() == node.content.size() / 2) return false;
  for (std::size_t i = 0; i < node.content.size() && errors_.size() < most_errors; i += 2) {
    const Node& first = *node.content[i];
    const std::vector<const Node*>& same = by_key[key_of(first)];
    auto place = std::find(same.begin(), same.end(), &first);
    for (auto other = place + 1; other != same.end() && errors_.size() < most_errors; ++other)
      errors_.push_back("line " + std::to_string((*other)->line) + ": mapping key " +
                        go_quoted(first.value) + " already defined at line " +
                        std::to_string(first.line));
  }
  return true;
}

// ---- Targets ----

bool Decoder::any(const Node& node, Decoded& out) {
  return visit(node, [&](const Node& value) {
    if (value.kind == Node::Kind::sequence) return list_of_any(value, out);
    if (value.kind == Node::Kind::mapping) return map_of_any(value, out);
    out = {};
    out.scalar = scalar_value(value);
    return true;
  });
}

bool Decoder::list_of_any(const Node& node, Decoded& out) {
  out = {};
  out.kind = Decoded::Kind::list;
  for (const Node* item : node.content) {
    Decoded value;
    if (any(*item, value)) out.items.push_back(std::move(value));
  }
  return true;
}

bool Decoder::map_of_any(const Node& node, Decoded& out) {
  out = {};
  out.kind = Decoded::Kind::map;
  for (std::size_t i = 0; i < node.content.size(); i += 2) {
    const std::string& tag = tag_of(*node.content[i]);
    if (tag != "!!str" && tag != "!!merge") out.kind = Decoded::Kind::general_map;
  }
  MapBuilder builder{&out, {}};
  return members(node, builder);
}

bool Decoder::map(const Node& node, Decoded& out) {
  return visit(node, [&](const Node& value) {
    const char* type = "map[string]interface {}";
    if (value.kind == Node::Kind::scalar) return scalar_mismatch(value, scalar_value(value), type);
    if (value.kind == Node::Kind::sequence) return mismatch(value, "!!seq", type), false;
    out = {};
    out.kind = Decoded::Kind::map;
    MapBuilder builder{&out, {}};
    return members(value, builder);
  });
}

bool Decoder::scalar_mismatch(const Node& node, const Scalar& value, const std::string& type) {
  if (value.kind != Scalar::Kind::null) mismatch(node, "", type);
  return false;
}

bool Decoder::text(const Node& node, std::string& out) {
  return visit(node, [&](const Node& value) {
    if (value.kind == Node::Kind::mapping && is_repetitive(value)) return false;
    if (value.kind != Node::Kind::scalar)
      return mismatch(value, value.kind == Node::Kind::mapping ? "!!map" : "!!seq", "string"),
             false;
    Scalar scalar = scalar_value(value);
    if (scalar.kind == Scalar::Kind::null) return false;
    out = scalar.kind == Scalar::Kind::text ? scalar.text : value.value;
    return true;
  });
}

bool Decoder::boolean(const Node& node, bool& out) {
  return visit(node, [&](const Node& value) {
    if (value.kind == Node::Kind::mapping && is_repetitive(value)) return false;
    if (value.kind != Node::Kind::scalar)
      return mismatch(value, value.kind == Node::Kind::mapping ? "!!map" : "!!seq", "bool"), false;
    Scalar scalar = scalar_value(value);
    constexpr std::string_view yes[] = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
    constexpr std::string_view no[] = {"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
    auto is_one_of = [&](const auto& words) {
      return scalar.kind == Scalar::Kind::text &&
             std::find(std::begin(words), std::end(words), scalar.text) != std::end(words);
    };
    bool word = is_one_of(yes) || is_one_of(no);
    if (!word && scalar.kind != Scalar::Kind::boolean)
      return scalar_mismatch(value, scalar, "bool");
    out = word ? is_one_of(yes) : scalar.boolean;
    return true;
  });
}

bool Decoder::list(const Node& node, const char* type, FunctionRef<void(const Node&)> item) {
  return visit(node, [&](const Node& value) {
    if (value.kind == Node::Kind::mapping && is_repetitive(value)) return false;
    if (value.kind == Node::Kind::mapping) return mismatch(value, "!!map", type), false;
    if (value.kind == Node::Kind::scalar) return scalar_mismatch(value, scalar_value(value), type);
    for (const Node* one : value.content) item(*one);
    return true;
  });
}

bool Decoder::structure(const Node& node, const char* type,
                        FunctionRef<void(const std::string&, const Node&)> field) {
  return visit(node, [&](const Node& value) {
    if (value.kind == Node::Kind::sequence) return mismatch(value, "!!seq", type), false;
    if (value.kind == Node::Kind::scalar) return scalar_mismatch(value, scalar_value(value), type);
    return fields(value, field);
  });
}

// ---- Members ----

void Decoder::MapBuilder::set(Decoded key, Decoded value) {
  // NaN is not equal to itself.
  bool fresh = key.scalar.kind == Scalar::Kind::floating && std::isnan(key.scalar.floating);
  auto [place, added] = places.try_emplace(fresh ? "" : identity(key), map->members.size());
  if (fresh || added)
    map->members.emplace_back(std::move(key), std::move(value));
  else
    map->members[place->second].second = std::move(value);
}

void Decoder::add_key(Keys& keys, const Decoded& key) {
  if (key.kind == Decoded::Kind::scalar) {
    keys.insert(identity(key));
    return;
  }
  const char* type = key.kind == Decoded::Kind::list  ? "[]interface {}"
                     : key.kind == Decoded::Kind::map ? "map[string]interface {}"
                                                      : "map[interface {}]interface {}";
  throw Refused{std::string("yaml: runtime error: hash of unhashable type ") + type};
}

bool Decoder::member_key(const Node& node, bool general, Decoded& out) {
  if (general) return any(node, out);
  std::string name;
  if (!text(node, name)) return false;
  out = decoded_text(std::move(name));
  return true;
}

/// Adds the members of a mapping. Those that are merged in come last, and only where they are new.
bool Decoder::members(const Node& node, MapBuilder& out) {
  if (is_repetitive(node)) return false;
  Keys* merged = std::exchange(merged_, nullptr);
  const Node* source = nullptr;
  for (std::size_t i = 0; i < node.content.size(); i += 2) {
    const Node& key_node = *node.content[i];
    const Node& value_node = *node.content[i + 1];
    if (is_merge_key(key_node)) {
      source = &value_node;
      continue;
    }
    Decoded key, value;
    if (!member_key(key_node, out.map->kind == Decoded::Kind::general_map, key)) continue;
    if (merged) {
      if (key.kind == Decoded::Kind::scalar && merged->contains(identity(key))) continue;
      add_key(*merged, key);
    }
    if (key.kind != Decoded::Kind::scalar)
      throw Refused{"yaml: invalid map key: " + go_syntax(key)};
    if (any(value_node, value)) out.set(std::move(key), std::move(value));
  }
  merged_ = merged;
  if (source) merge(node, *source, [&](const Node& mapping) { return members(mapping, out); });
  return true;
}

bool Decoder::fields(const Node& node, FunctionRef<void(const std::string&, const Node&)> field) {
  if (is_repetitive(node)) return false;
  Keys* merged = std::exchange(merged_, nullptr);
  const Node* source = nullptr;
  for (std::size_t i = 0; i < node.content.size(); i += 2) {
    if (is_merge_key(*node.content[i])) {
      source = node.content[i + 1];
      continue;
    }
    std::string name;
    if (!text(*node.content[i], name)) continue;
    if (merged && !merged->insert("s" + name).second) continue;
    field(name, *node.content[i + 1]);
  }
  merged_ = merged;
  if (source) merge(node, *source, [&](const Node& mapping) { return fields(mapping, field); });
  return true;
}

void Decoder::merge(const Node& parent, const Node& merged, Visit into) {
  Keys own;
  Keys* before = merged_;
  if (!before) {
    merged_ = &own;
    for (std::size_t i = 0; i < parent.content.size(); i += 2) {
      Decoded key;
      // Keys are decoded apart from any merge.
      merged_ = nullptr;
      bool decoded = any(*parent.content[i], key);
      merged_ = &own;
      if (decoded) add_key(own, key);
    }
  }
  auto is_mapping = [](const Node& node) {
    const Node& target = node.kind == Node::Kind::alias ? *node.target : node;
    return target.kind == Node::Kind::mapping;
  };
  auto add = [&](const Node& node) {
    if (!is_mapping(node))
      throw Refused{"yaml: map merge requires map or sequence of maps as the value"};
    visit(node, into);
  };
  if (merged.kind == Node::Kind::sequence) {
    for (const Node* item : merged.content) add(*item);
  } else {
    add(merged);
  }
  merged_ = before;
}

}  // namespace lictor::yaml
