// YAML text → JSON text, as OPA converts it. In: a text of one or more documents. Out: the first as
// JSON, or the error of any. Source: OPA internal/yaml.
#include "json/yaml.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "json/write.hpp"
#include "json/yaml_decode.hpp"
#include "json/yaml_parser.hpp"
#include "json/yaml_scalar.hpp"
#include "lictor/yaml.hpp"
#include "value/number.hpp"

namespace lictor {
namespace yaml {
namespace {

/// The key that a scalar becomes in JSON; nothing for null and timestamps.
std::optional<std::string> key_text(const Scalar& key) {
  switch (key.kind) {
    case Scalar::Kind::boolean:
      return key.boolean ? "true" : "false";
    case Scalar::Kind::integer:
      return std::to_string(key.integer);
    case Scalar::Kind::unsigned_integer:
      return std::to_string(key.unsigned_integer);
    case Scalar::Kind::floating:
      return float32_text(key.floating);
    case Scalar::Kind::text:
      return key.text;
    default:
      return std::nullopt;
  }
}

// ---- Documents that older readers took ----

class Normalizer {
 public:
  /// Makes texts of timestamps, one list of repeated merges, and one of repeated keys.
  void run(Node* root) {
    std::vector<Node*> open{root};
    while (!open.empty()) {
      Node* node = open.back();
      open.pop_back();
      if (!seen_.insert(node).second) continue;
      if (node->kind == Node::Kind::scalar && node->tag == "!!timestamp" && !node->tagged)
        node->tag = "!!str";
      if (node->kind == Node::Kind::mapping) {
        join_merges(node->content);
        drop_repeated(node->content);
      }
      open.insert(open.end(), node->content.rbegin(), node->content.rend());
      if (node->target) open.push_back(node->target);
    }
  }

 private:
  static bool is_merge(const Node& key) {
    return key.kind == Node::Kind::scalar && key.tag == "!!merge";
  }

  void join_merges(std::vector<Node*>& content) {
    std::vector<Node*> sources, out;
    for (std::size_t i = 0; i < content.size(); i += 2) {
      if (!is_merge(*content[i])) continue;
      Node* value = content[i + 1];
      if (value->kind == Node::Kind::sequence)
        sources.insert(sources.end(), value->content.begin(), value->content.end());
      else
        sources.push_back(value);
    }
    if (sources.size() < 2) return;
    Node& list = lists_.emplace_back();
    list.kind = Node::Kind::sequence;
    list.tag = "!!seq";
    list.content = std::move(sources);
    bool placed = false;
    for (std::size_t i = 0; i < content.size(); i += 2) {
      bool merge = is_merge(*content[i]);
      if (merge && std::exchange(placed, true)) continue;
      out.push_back(content[i]);
      out.push_back(merge ? &list : content[i + 1]);
    }
    content = std::move(out);
  }

  static std::optional<std::string> key_of(const Node& key) {
    if (key.kind != Node::Kind::scalar || key.tag == "!!merge") return std::nullopt;
    try {
      return key_text(scalar_value(key));
    } catch (const Refused&) {
      return std::nullopt;
    }
  }

  /// The last value of a key counts, at the place of the first.
  static void drop_repeated(std::vector<Node*>& content) {
    std::unordered_map<std::string, std::size_t> values;
    std::vector<Node*> out;
    for (std::size_t i = 0; i < content.size(); i += 2) {
      if (std::optional<std::string> key = key_of(*content[i])) {
        auto [known, added] = values.try_emplace(*key, out.size() + 1);
        if (!added) {
          out[known->second] = content[i + 1];
          continue;
        }
      }
      out.push_back(content[i]);
      out.push_back(content[i + 1]);
    }
    content = std::move(out);
  }

  std::deque<Node> lists_;
  std::unordered_set<Node*> seen_;
};

// ---- JSON ----

/// Makes texts of all keys.
void make_keys_texts(Decoded& value) {
  for (Decoded& item : value.items) make_keys_texts(item);
  for (auto& [key, member] : value.members) {
    if (std::optional<std::string> text = key_text(key.scalar)) {
      make_keys_texts(member);
      key = decoded_text(std::move(*text));
      continue;
    }
    bool null = key.is_null();
    throw Refused{std::string("unsupported map key of type: ") +
                  (null ? "%!s(<nil>)" : "time.Time") +
                  ", key: " + (null ? "<nil>" : go_syntax(key)) +
                  ", value: " + (member.is_null() ? "<nil>" : go_syntax(member))};
  }
}

/// As Go's encoding/json spells a float64.
std::string float_text(double value) {
  if (std::isnan(value)) throw Refused{"json: unsupported value: NaN"};
  if (std::isinf(value))
    throw Refused{value < 0 ? "json: unsupported value: -Inf" : "json: unsupported value: +Inf"};
  Decimal decimal = shortest_decimal(value);
  int exponent = decimal.digits.empty() ? 0 : decimal.point - 1;
  bool exponential = exponent < -6 || exponent >= 21;
  std::string out = format_decimal(decimal, exponential ? 'e' : 'f', -1, true);
  std::size_t e = out.find('e');
  bool padded =
      e != std::string::npos && out.size() == e + 4 && out[e + 1] == '-' && out[e + 2] == '0';
  if (padded) out.erase(e + 2, 1);
  return out;
}

void append_scalar(std::string& out, const Scalar& scalar) {
  switch (scalar.kind) {
    case Scalar::Kind::null:
      out += "null";
      return;
    case Scalar::Kind::boolean:
      out += scalar.boolean ? "true" : "false";
      return;
    case Scalar::Kind::integer:
      out += std::to_string(scalar.integer);
      return;
    case Scalar::Kind::unsigned_integer:
      out += std::to_string(scalar.unsigned_integer);
      return;
    case Scalar::Kind::floating:
      out += float_text(scalar.floating);
      return;
    case Scalar::Kind::timestamp:
      return json::append_quoted(out, to_rfc3339(scalar.timestamp), false);
    case Scalar::Kind::text:
      return json::append_quoted(out, scalar.text, true);
  }
}

using Member = std::pair<Decoded, Decoded>;

/// In the order of the keys, in which Go meets what JSON cannot hold.
std::vector<const Member*> sorted_members(const Decoded& map) {
  std::vector<const Member*> out;
  for (const Member& member : map.members) out.push_back(&member);
  std::stable_sort(out.begin(), out.end(), [](const Member* a, const Member* b) {
    return a->first.scalar.text < b->first.scalar.text;
  });
  return out;
}

void append_json(std::string& out, const Decoded& value) {
  if (value.kind == Decoded::Kind::scalar) return append_scalar(out, value.scalar);
  bool list = value.kind == Decoded::Kind::list;
  out += list ? '[' : '{';
  std::string_view separator;
  for (const Decoded& item : value.items) {
    out += std::exchange(separator, ",");
    append_json(out, item);
  }
  for (const Member* member : sorted_members(value)) {
    out += std::exchange(separator, ",");
    append_scalar(out, member->first.scalar);
    out += ':';
    append_json(out, member->second);
  }
  out += list ? ']' : '}';
}

std::string to_json(std::string_view text) {
  Parser parser(text);
  Node* first = parser.document();
  while (first && parser.document()) continue;
  if (!first) return "null";
  Normalizer normalizer;
  normalizer.run(first);
  Decoder decoder;
  Decoded value;
  decoder.any(*first, value);
  if (std::string errors = decoder.errors(); !errors.empty()) throw Refused{errors};
  return decoded_json(std::move(value));
}

}  // namespace

std::string decoded_json(Decoded value) {
  make_keys_texts(value);
  std::string out;
  append_json(out, value);
  return out;
}

}  // namespace yaml

bool is_yaml_scalar(const std::string& text) { return yaml::implicit_tag(text) != "!!str"; }

Result<std::string> yaml_to_json(std::string_view text) {
  try {
    return yaml::to_json(text);
  } catch (const yaml::Refused& refused) {
    Error out{ErrorCode::input, refused.message, {}, 0, 0, {}, {}};
    out.row = static_cast<std::uint32_t>(refused.line);
    return out;
  }
}

}  // namespace lictor
