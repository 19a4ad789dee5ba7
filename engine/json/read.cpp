// The walk over a document's tokens, which checks every one of them.
#include "json/read.hpp"

#include <algorithm>
#include <cstring>

#include "base/source.hpp"
#include "base/stack.hpp"
#include "base/unicode.hpp"
#include "json/escape.hpp"
#include "json/parts.hpp"
#include "json/quick_read.hpp"
#include "json/structure.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::json {
namespace {

/// Thrown inside the walk and caught in Reader; carries where it happened, if known.
struct Failure {
  ErrorCode code;
  const char* message;
  const char* at;
};

[[noreturn]] void fail(const char* message, const char* at) {
  throw Failure{ErrorCode::input, message, at};
}

/// Behind the last token stands the NUL that ends the text, which no case below takes for a token.
/// Each function takes the token that is next and returns the one behind what it read: that one
/// pointer is what the whole walk waits for, so it stays in a register.
class Walk {
 public:
  /// With a stack, arrays are gathered there, and take no more of the arena than they need.
  Walk(Arena& arena, const char* text, const std::uint32_t* tokens, std::size_t size,
       std::vector<Value>* stack)
      : arena_(arena),
        stack_(stack),
        text_(text),
        first_(tokens),
        end_(text + size),
        has_escapes_(std::memchr(text, '\\', size) != nullptr) {}

  /// The whole document.
  Value document() {
    Value out;
    expect_end(build(first_, 0, out));
    return out;
  }

  /// The whole document into the slots of a shape.
  void slots(const Shape& shape, Value* slots) { expect_end(fill(first_, shape, 0, slots, 0)); }

 private:
  using Token = const std::uint32_t*;

  const char* at(Token token) const { return text_ + *token; }

  Token build(Token next, int depth, Value& out) {
    const char* at = this->at(next++);
    if (*at == '"') {
      out = Value::utf8_string(text_of(inside(at, next)));
      return next;
    }
    if (is_digit(*at) && plain_integer(at, out)) return next;
    return build_other(next, at, depth, out);
  }

  /// Checks a value without building it.
  Token skip(Token next, int depth) {
    const char* at = this->at(next++);
    if (*at == '"') {
      if (has_escapes_) unescaped(inside(at, next));
      return next;
    }
    Value integer;
    if (is_digit(*at) && plain_integer(at, integer)) return next;
    return skip_other(next, at, depth);
  }

  /// Reads a value into the slots of node `number` of the shape and of all below it.
  Token fill(Token next, const Shape& shape, std::uint32_t number, Value* slots, int depth) {
    const Shape::Node& wanted = shape.nodes[number];
    bool is_marked = wanted.kind_only && *at(next) == '{';
    if (is_marked) slots[wanted.slot] = empty_object();
    if (wanted.whole && !is_marked) {
      next = build(next, depth, slots[wanted.slot]);
      if (!wanted.children.empty()) fill_slots_below(shape, number, slots[wanted.slot], slots);
      return next;
    }
    const char* open = at(next);
    if (*open != '{') return skip(next, depth);
    return each_member(next + 1, depth, open, [&](std::string_view key, Token value) {
      const Shape::Place* place = wanted.find(text_of(key));
      if (place == nullptr) return skip(value, depth + 1);
      if (place->leaf_slot != Shape::no_slot)
        return build(value, depth + 1, slots[place->leaf_slot]);
      std::uint32_t child = wanted.children[place->child].node;
      const Shape::Node& node = shape.nodes[child];
      // A key that occurs twice must leave nothing of its first value.
      std::fill(slots + node.first_slot, slots + node.last_slot, Value());
      return fill(value, shape, child, slots, depth + 1);
    });
  }

  void expect_end(Token next) const {
    if (at(next) != end_) fail("there is text after the document", at(next));
  }

  Token build_other(Token next, const char* at, int depth, Value& out) {
    switch (*at) {
      case '{':
        return build_object(next, depth, at, out);
      case '[':
        return build_array(next, depth, at, out);
      default:
        out = scalar(at, next);
        return next;
    }
  }

  Token skip_other(Token next, const char* at, int depth) {
    switch (*at) {
      case '{':
        return each_member(next, depth, at, [&](std::string_view key, Token value) {
          text_of(key);
          return skip(value, depth + 1);
        });
      case '[':
        return each_item(next, depth, at, [&](Token item) { return skip(item, depth + 1); });
      default:
        scalar(at, next);
        return next;
    }
  }

  /// Refuses what is nested too deeply.
  void check_depth(const char* open, int depth) const {
    if (depth < plain_depth) [[likely]]
      return;
    bool fits = depth < max_depth && (depth > plain_depth || has_stack_for_all());
    if (!fits) throw Failure{ErrorCode::limit_depth, "JSON is nested too deeply", open};
  }

  /// True if the stack has room for max_depth levels, given what plain_depth of them took. What
  /// later goes through the value needs less for a level than reading it.
  [[gnu::noinline]] bool has_stack_for_all() const {
    std::size_t used = stack_start_ - stack_position();
    return stack_left() > used * (max_depth / plain_depth);
  }

  /// Behind the last byte of the token that stands before `next`.
  const char* token_end(Token next) const {
    const char* end = at(next);
    while (is_blank(end[-1])) --end;
    return end;
  }

  /// Calls visit(key, token) for each member of an object, whose brace is taken; visit reads the
  /// value.
  template <typename Visit>
  Token each_member(Token next, int depth, const char* open, Visit visit) {
    check_depth(open, depth);
    const char* at = this->at(next++);
    if (*at == '}') return next;
    for (;;) {
      if (*at != '"') fail("a key in double quotes is missing", at);
      std::string_view key = inside(at, next);
      const char* colon = this->at(next++);
      if (*colon != ':') fail("a colon is missing behind a key", colon);
      next = visit(key, next);
      at = this->at(next++);
      if (*at == '}') return next;
      if (*at != ',') fail("a comma or } is missing", at);
      at = this->at(next++);
    }
  }

  /// Calls visit(token) for each item of an array, whose bracket is taken; visit reads the item.
  template <typename Visit>
  Token each_item(Token next, int depth, const char* open, Visit visit) {
    check_depth(open, depth);
    if (*at(next) == ']') return next + 1;
    for (;;) {
      next = visit(next);
      const char* at = this->at(next++);
      if (*at == ']') return next;
      if (*at != ',') fail("a comma or ] is missing", at);
    }
  }

  /// What stands between the quotes of the string that starts at `at`, before `next`.
  std::string_view inside(const char* at, Token next) const {
    const char* end = this->at(next);
    if (end[-1] != '"') end = token_end(next);
    return {at + 1, static_cast<std::size_t>(end - at) - 2};
  }

  std::string_view text_of(std::string_view raw) { return has_escapes_ ? unescaped(raw) : raw; }

  std::string_view unescaped(std::string_view raw) {
    if (raw.find('\\') == std::string_view::npos) return raw;
    std::optional<std::string> out = unescape(raw);
    if (!out) fail("invalid escape in string", raw.data());
    return arena_.copy(*out);
  }

  /// The literal or number that starts at `at`, before `next`.
  Value scalar(const char* at, Token next) {
    if (*at == '\0') fail("a value is missing", at);
    std::string_view token(at, static_cast<std::size_t>(token_end(next) - at));
    switch (*at) {
      case 't':
        if (token == "true") return Value::boolean(true);
        break;
      case 'f':
        if (token == "false") return Value::boolean(false);
        break;
      case 'n':
        if (token == "null") return Value::null();
        break;
      default:
        return number(token);
    }
    fail("not a JSON value", at);
  }

  static Value number(std::string_view token) {
    if (std::optional<Value> number = number_of(token)) return *number;
    if (!is_number_text(token)) fail("not a JSON value", token.data());
    fail(json_number_fault(token), token.data());
  }

  /// Most integers: digits up to a byte that ends a value.
  static bool plain_integer(const char* at, Value& out) {
    std::uint64_t integer = 0;
    const char* end = small_integer(at, integer);
    bool ends = end && (*end == ',' || *end == '}' || *end == ']' || is_blank(*end));
    if (ends) out = Value::integer(static_cast<std::int64_t>(integer));
    return ends;
  }

  Token build_array(Token next, int depth, const char* open, Value& out) {
    if (stack_) return stack_array(next, depth, open, out);
    ArenaVector<Value> items(arena_);
    next = each_item(next, depth, open, [&](Token item) {
      Value value;
      Token behind = build(item, depth + 1, value);
      items.push_back(value);
      return behind;
    });
    items.shrink();
    out = Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
    return next;
  }

  Token stack_array(Token next, int depth, const char* open, Value& out) {
    std::size_t first = stack_->size();
    next = each_item(next, depth, open, [&](Token item) {
      Value value;
      Token behind = build(item, depth + 1, value);
      stack_->push_back(value);
      return behind;
    });
    out = make_array(arena_, stack_->data() + first, stack_->size() - first);
    stack_->resize(first);
    return next;
  }

  Token build_object(Token next, int depth, const char* open, Value& out) {
    ArenaVector<Member> members(arena_);
    next = each_member(next, depth, open, [&](std::string_view raw, Token token) {
      Member member{Value::utf8_string(text_of(raw)), Value()};
      Token behind = build(token, depth + 1, member.value);
      members.push_back(member);
      return behind;
    });
    out = object_of(arena_, members);
    return next;
  }

  Arena& arena_;
  std::vector<Value>* stack_;
  const char* text_;
  const std::uint32_t* first_;
  const char* end_;
  std::uintptr_t stack_start_ = stack_position();
  bool has_escapes_;
};

}  // namespace

struct Reader::Impl {
  Structure structure;
  QuickReader quick;
  std::unique_ptr<char[]> own;
  std::size_t capacity = 0;
  Arena* keeper = nullptr;  // where copies of texts are made, if not in `own`
  std::vector<Value> stack;
  char* buffer = nullptr;  // the copy of the text that is being read
  std::string repaired;
  Error error;

  /// Copies the text, as values point into it and reading may go on behind it.
  void copy(std::string_view text) {
    std::size_t size = text.size() + Structure::padding;
    if (keeper) {
      buffer = keeper->allocate<char>(size);
    } else {
      if (capacity < size) {
        own.reset(new char[size * 2]);
        capacity = size * 2;
      }
      buffer = own.get();
    }
    std::memcpy(buffer, text.data(), text.size());
    std::memset(buffer + text.size(), 0, Structure::padding);
  }

  template <typename Visit>
  bool visit(std::string_view text, Arena& arena, Visit visit_root) {
    copy(text);
    try {
      if (const char* wrong = structure.find(buffer, text.size())) fail(wrong, nullptr);
      stack.clear();
      Walk walk(arena, buffer, structure.tokens(), text.size(), keeper ? &stack : nullptr);
      visit_root(walk);
      return true;
    } catch (const Failure& failure) {
      describe(failure, text);
      return false;
    }
  }

  void describe(const Failure& failure, std::string_view text) {
    error = Error{failure.code, failure.message, {}, 0, 0, {}, {}};
    if (failure.at == nullptr) return;
    Place place = locate(text, static_cast<std::size_t>(failure.at - buffer));
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

void Reader::keep_texts_in(Arena& arena) { impl_->keeper = &arena; }

Result<Value> Reader::read(std::string_view text, Arena& arena) {
  Value out;
  if (impl_->visit_or_repair(text, arena, [&](Walk& walk) { out = walk.document(); })) return out;
  return impl_->error;
}

const Error* Reader::read_slots(std::string_view text, const Shape& shape, Arena& arena,
                                Value* slots) {
  impl_->copy(text);
  if (impl_->quick.read(impl_->buffer, text.size(), shape, arena, slots)) return nullptr;
  bool ok = impl_->visit_or_repair(text, arena, [&](Walk& walk) {
    std::fill(slots, slots + shape.slot_count, Value());
    walk.slots(shape, slots);
  });
  return ok ? nullptr : &impl_->error;
}

Result<Value> read_owned(std::string_view text, Arena& arena, const std::string& name) {
  Reader reader;
  reader.keep_texts_in(arena);
  Result<Value> value = reader.read(text, arena);
  if (value) return value;
  Error error = value.error();
  error.file = name;
  return error;
}

}  // namespace lictor::json
