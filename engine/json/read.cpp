// Walks a document with simdjson's On-Demand interface, checking every token.
#include "json/read.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "base/source.hpp"
#include "base/unicode.hpp"
#include "json/escape.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::json {
namespace {

namespace ondemand = simdjson::ondemand;

/// Thrown inside the walk and caught in Reader; carries where it happened, if known.
struct Failure {
  ErrorCode code;
  const char* message;
  const char* at;
};

[[noreturn]] void fail(const char* message, const char* at = nullptr) {
  throw Failure{ErrorCode::input, message, at};
}

template <typename T>
T take(simdjson::simdjson_result<T>&& result, const char* at = nullptr) {
  T out;
  if (auto error = std::move(result).get(out)) fail(simdjson::error_message(error), at);
  return out;
}

void check(simdjson::error_code error) {
  if (error != simdjson::SUCCESS) fail(simdjson::error_message(error));
}

std::string unescaped(std::string_view raw) {
  std::optional<std::string> out = unescape(raw);
  if (!out) fail("invalid escape in string", raw.data());
  return *std::move(out);
}

std::string_view trim(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

/// The walk over one document.
class Walk {
 public:
  Walk(Arena& arena, bool has_escapes) : arena_(arena), has_escapes_(has_escapes) {}

  template <typename Node>
  Value build(Node& node, int depth) {
    std::string_view text = token(node);
    switch (text.empty() ? '\0' : text[0]) {
      case '{':
        return build_object(take(node.get_object()), depth);
      case '[':
        return build_array(take(node.get_array()), depth);
      default:
        return build_scalar(trim(text));
    }
  }

  /// Checks a value without building it.
  template <typename Node>
  void skip(Node& node, int depth) {
    std::string_view text = token(node);
    switch (text.empty() ? '\0' : text[0]) {
      case '{':
        return skip_object(take(node.get_object()), depth);
      case '[':
        return skip_array(take(node.get_array()), depth);
      case '"':
        // The tokenizer has seen the closing quote and refused control characters.
        if (!has_escapes_) return;
        [[fallthrough]];
      default:
        check_scalar(trim(text));
    }
  }

  template <typename Node>
  void fill(Node& node, const Shape& shape, std::uint32_t at, Value* slots, int depth) {
    const Shape::Node& wanted = shape.nodes[at];
    if (wanted.whole) {
      slots[wanted.slot] = build(node, depth);
      if (!wanted.children.empty()) fill_children(shape, at, slots[wanted.slot], slots);
    } else if (!wanted.children.empty() && take(node.type()) == ondemand::json_type::object) {
      fill_object(take(node.get_object()), shape, wanted, slots, depth);
    } else {
      skip(node, depth);
    }
  }

  static void fill_children(const Shape& shape, std::uint32_t at, const Value& value,
                            Value* slots) {
    for (const Shape::Child& child : shape.nodes[at].children) {
      const Shape::Node& node = shape.nodes[child.node];
      Value found = lookup(value, child.key);
      if (node.whole) slots[node.slot] = found;
      if (!node.children.empty()) fill_children(shape, child.node, found, slots);
    }
  }

  Value build_scalar(std::string_view token) {
    if (token.empty()) fail("a value is missing");
    switch (token[0]) {
      case '"':
        return Value::string(string_text(token));
      case 't':
      case 'f':
      case 'n':
        return literal(token);
      default:
        return number(token);
    }
  }

 private:
  [[noreturn]] static void too_deep() {
    throw Failure{ErrorCode::limit_depth, "JSON is nested too deeply (limit 1000)", nullptr};
  }

  /// The token that the value starts with, and blanks behind it.
  template <typename Node>
  static std::string_view token(Node& node) {
    if constexpr (std::is_same_v<Node, ondemand::document>) {
      return take(node.raw_json_token());
    } else {
      return node.raw_json_token();
    }
  }

  template <typename Node>
  static bool starts_object(Node& node) {
    std::string_view text = token(node);
    return !text.empty() && text[0] == '{';
  }

  void skip_object(ondemand::object object, int depth) {
    if (depth >= max_depth) too_deep();
    for (auto item : object) {
      ondemand::field field = take(std::move(item));
      if (has_escapes_) text_of_key(field);
      skip(field.value(), depth + 1);
    }
  }

  void skip_array(ondemand::array array, int depth) {
    if (depth >= max_depth) too_deep();
    for (auto item : array) {
      ondemand::value value = take(std::move(item));
      skip(value, depth + 1);
    }
  }

  Value literal(std::string_view token) {
    if (token == "true") return Value::boolean(true);
    if (token == "false") return Value::boolean(false);
    if (token == "null") return Value::null();
    fail("not a JSON value", token.data());
  }

  Value number(std::string_view token) {
    std::int64_t integer = 0;
    if (small_integer(token, integer)) return Value::integer(integer);
    if (is_plain_decimal(token)) return Value::number_text(token);
    if (!is_number_text(token)) fail("not a JSON value", token.data());
    if (!exponent_in_range(token)) fail("number too big", token.data());
    return view_number(token);
  }

  /// Digits, a point and digits: what nearly all other numbers are.
  static bool is_plain_decimal(std::string_view token) {
    std::size_t i = token[0] == '-' ? 1 : 0, first = i;
    while (i < token.size() && token[i] >= '0' && token[i] <= '9') ++i;
    bool whole = i > first && (token[first] != '0' || i == first + 1);
    if (!whole || i + 1 >= token.size() || token[i] != '.') return false;
    while (++i < token.size() && token[i] >= '0' && token[i] <= '9') continue;
    return i == token.size() && i < 30000;
  }

  /// Plain integers of up to 18 digits, the common case.
  static bool small_integer(std::string_view token, std::int64_t& out) {
    if (token.size() > 18 || (token[0] == '0' && token.size() > 1)) return false;
    std::int64_t value = 0;
    for (char c : token) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    out = value;
    return true;
  }

  /// Checks a scalar that is not wanted.
  void check_scalar(std::string_view token) {
    if (token.empty()) fail("a value is missing");
    if (token[0] != '"') {
      build_scalar(token);
    } else if (token.size() < 2 || token.back() != '"') {
      fail("a string is not closed", token.data());
    } else if (has_escapes_) {
      string_text(token);
    }
  }

  std::string_view string_text(std::string_view token) {
    if (token.size() < 2 || token.back() != '"') fail("a string is not closed", token.data());
    std::string_view raw = token.substr(1, token.size() - 2);
    if (!has_escapes_ || raw.find('\\') == std::string_view::npos) return raw;
    return arena_.copy(unescaped(raw));
  }

  std::string_view text_of_key(ondemand::field& field) {
    const char* first = field.key().raw();
    const char* last = first;
    if (!has_escapes_) {
      while (*last != '"') ++last;
      return {first, static_cast<std::size_t>(last - first)};
    }
    bool escaped = false;
    for (; *last != '"'; ++last) {
      if (*last == '\\') {
        escaped = true;
        ++last;
      }
    }
    std::string_view raw(first, static_cast<std::size_t>(last - first));
    return escaped ? arena_.copy(unescaped(raw)) : raw;
  }

  Value build_array(ondemand::array array, int depth) {
    if (depth >= max_depth) too_deep();
    ArenaVector<Value> items(arena_);
    for (auto item : array) {
      ondemand::value value = take(std::move(item));
      items.push_back(build(value, depth + 1));
    }
    return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
  }

  Value build_object(ondemand::object object, int depth) {
    if (depth >= max_depth) too_deep();
    ArenaVector<Member> members(arena_);
    for (auto item : object) {
      ondemand::field field = take(std::move(item));
      Value key = Value::string(text_of_key(field));
      members.push_back({key, build(field.value(), depth + 1)});
    }
    if (has_duplicates(members)) {
      return make_unique_object(arena_, members.data(), members.size(), Duplicates::last_wins);
    }
    return make_object(arena_, members.data(), members.size(), false);
  }

  /// True if sorting is called for: a large object, or one whose keys are not distinct.
  static bool has_duplicates(ArenaVector<Member>& members) {
    if (members.size() > 12) return true;
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (members[i].key.as_text() == members[j].key.as_text()) return true;
      }
    }
    return false;
  }

  void fill_object(ondemand::object object, const Shape& shape, const Shape::Node& wanted,
                   Value* slots, int depth) {
    if (depth >= max_depth) too_deep();
    for (auto item : object) {
      ondemand::field field = take(std::move(item));
      const Shape::Child* child = find_child(wanted, field);
      if (child == nullptr) {
        skip(field.value(), depth + 1);
        continue;
      }
      const Shape::Node& node = shape.nodes[child->node];
      std::fill(slots + node.first_slot, slots + node.last_slot, Value());
      fill(field.value(), shape, child->node, slots, depth + 1);
    }
  }

  static bool ends_key(const char* raw, const std::string& key) {
    if (key.size() < sizeof(std::uint64_t)) return true;
    return raw[key.size()] == '"' && std::memcmp(raw, key.data(), key.size()) == 0;
  }

  const Shape::Child* find_child(const Shape::Node& wanted, ondemand::field& field) {
    if (!has_escapes_) {
      // A key's first eight bytes, or all of it with the closing quote, decide at once. Padding may
      // be read.
      const char* raw = field.key().raw();
      std::uint64_t first = 0;
      std::memcpy(&first, raw, sizeof first);
      for (const Shape::Child& child : wanted.children) {
        if ((first & child.mask) == child.prefix && ends_key(raw, child.key)) return &child;
      }
      return nullptr;
    }
    std::string_view key = text_of_key(field);
    for (const Shape::Child& child : wanted.children) {
      if (child.key == key) return &child;
    }
    return nullptr;
  }

  Arena& arena_;
  bool has_escapes_;
};

}  // namespace

std::uint32_t Shape::at(const std::vector<std::string>& path) {
  std::uint32_t node = 0;
  for (const std::string& key : path) {
    auto& children = nodes[node].children;
    auto found = std::find_if(children.begin(), children.end(),
                              [&](const Child& child) { return child.key == key; });
    if (found != children.end()) {
      node = found->node;
      continue;
    }
    auto added = static_cast<std::uint32_t>(nodes.size());
    children.push_back({key, added, 0, 0});
    nodes.emplace_back();
    node = added;
  }
  return node;
}

void Shape::number_slots() {
  slot_count = 0;
  auto number = [&](auto& self, std::uint32_t at) -> void {
    nodes[at].first_slot = slot_count;
    if (nodes[at].whole) nodes[at].slot = slot_count++;
    for (std::size_t i = 0; i < nodes[at].children.size(); ++i) {
      self(self, nodes[at].children[i].node);
    }
    nodes[at].last_slot = slot_count;
    for (Child& child : nodes[at].children) {
      std::string text = child.key + '"';
      text.resize(sizeof child.prefix);
      std::memcpy(&child.prefix, text.data(), sizeof child.prefix);
      std::size_t counted = std::min(child.key.size() + 1, sizeof child.mask);
      std::string ones =
          std::string(counted, '\xFF') + std::string(sizeof child.mask - counted, '\0');
      std::memcpy(&child.mask, ones.data(), sizeof child.mask);
    }
  };
  number(number, 0);
}

void fill_slots(const Shape& shape, const Value& root, Value* slots) {
  std::fill(slots, slots + shape.slot_count, Value());
  if (shape.nodes[0].whole) slots[shape.nodes[0].slot] = root;
  Walk::fill_children(shape, 0, root, slots);
}

struct Reader::Impl {
  ondemand::parser parser;
  std::string buffer;
  std::string repaired;
  Error error;

  static bool at_end(ondemand::document& document) {
    const char* location = nullptr;
    return document.current_location().get(location) == simdjson::OUT_OF_BOUNDS;
  }

  /// Copies the text behind which simdjson may read, and starts the parser on it.
  ondemand::document open(std::string_view text) {
    if (buffer.capacity() < text.size() + simdjson::SIMDJSON_PADDING) {
      buffer.reserve((text.size() + simdjson::SIMDJSON_PADDING) * 2);
    }
    buffer.assign(text);
    ondemand::document document;
    check(parser.iterate(buffer.data(), buffer.size(), buffer.capacity()).get(document));
    return document;
  }

  template <typename Visit>
  bool visit(std::string_view text, Arena& arena, Visit visit_root) {
    try {
      while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ')
        text.remove_prefix(1);
      if (text.empty()) fail("the document is empty");
      if (text.front() == '{' || text.front() == '[') {
        ondemand::document document = open(text);
        bool has_escapes = std::memchr(text.data(), '\\', text.size()) != nullptr;
        Walk walk(arena, has_escapes);
        visit_root(walk, document);
        if (!at_end(document)) fail("there is text after the document");
      } else {
        visit_scalar(text, arena, visit_root);
      }
      return true;
    } catch (const Failure& failure) {
      describe(failure, text);
      return false;
    }
  }

  /// A document that is one scalar is wrapped in an array, which On-Demand checks like any other.
  template <typename Visit>
  void visit_scalar(std::string_view text, Arena& arena, Visit visit_root) {
    std::string wrapped = "[" + std::string(text) + "]";
    ondemand::document document = open(wrapped);
    Walk walk(arena, true);
    int count = 0;
    for (auto item : take(document.get_array())) {
      ondemand::value value = take(std::move(item));
      if (++count > 1) fail("there is text after the document");
      visit_root(walk, value);
    }
    if (count != 1 || !at_end(document)) fail("there is text after the document");
  }

  void describe(const Failure& failure, std::string_view text) {
    error = Error{failure.code, failure.message, {}, 0, 0, {}, {}};
    if (failure.at == nullptr) return;
    const char* first = buffer.data();
    if (failure.at < first || failure.at >= first + buffer.size()) return;
    Place place = locate(text, static_cast<std::size_t>(failure.at - first));
    error.row = place.row;
    error.col = place.col;
    error.line = place.line;
  }

  template <typename Visit>
  bool visit_or_repair(std::string_view text, Arena& arena, Visit visit_root) {
    if (visit(text, arena, visit_root)) return true;
    if (valid_utf8(text)) return false;
    repaired = repair_utf8(text);
    return visit(repaired, arena, visit_root);
  }
};

Reader::Reader() : impl_(std::make_unique<Impl>()) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<Value> Reader::read(std::string_view text, Arena& arena) {
  Value out;
  bool ok = impl_->visit_or_repair(text, arena,
                                   [&](Walk& walk, auto& root) { out = walk.build(root, 0); });
  if (!ok) return impl_->error;
  return out;
}

const Error* Reader::read_slots(std::string_view text, const Shape& shape, Arena& arena,
                                Value* slots) {
  bool ok = impl_->visit_or_repair(text, arena, [&](Walk& walk, auto& root) {
    std::fill(slots, slots + shape.slot_count, Value());
    walk.fill(root, shape, 0, slots, 0);
  });
  return ok ? nullptr : &impl_->error;
}

Result<Value> read_owned(std::string_view text, Arena& arena, const std::string& name) {
  Reader reader;
  Result<Value> value = reader.read(text, arena);
  if (value) return deep_copy(arena, *value);
  Error error = value.error();
  error.file = name;
  return error;
}

}  // namespace lictor::json
