// The memory of an evaluation: registers, frames, memos and the state that `with` replaces. Private
// to eval/.
#pragma once

#include <functional>

#include "eval/machine.hpp"
#include "value/hash.hpp"

namespace lictor::eval {

/// What stands in for a function under `with`.
struct Mock {
  enum class Kind : std::uint8_t { none, value, function, builtin, document } kind = Kind::none;
  Value value;
  std::uint32_t target = 0;
};

/// Values of functions that were evaluated already. Entries of another epoch do not count.
struct Memo {
  struct Slot {
    std::uint64_t epoch = 0;
    Value value;
  };
  struct Entry {
    std::uint64_t hash;
    std::uint32_t function;
    std::uint32_t count;
    const Value* arguments;
    Value value;
    Entry* next;
  };
  Slot* slots = nullptr;      // one for each function that has a number for it
  Entry** buckets = nullptr;  // made when first needed
  std::uint32_t bucket_count = 0;
  std::uint32_t entries = 0;
};

/// Where `with` put something into data, as a path of texts.
struct Replaced {
  const Value* path;
  std::size_t size;
  const Replaced* others;
};

/// Input, data and mocks as `with` has them; immutable once code runs under it, but for the memo.
struct Scope {
  const Value* input_slots = nullptr;
  const Value* data_slots = nullptr;
  Value input_root;  // undefined where no one asks for it
  bool has_input = false;
  Value data_root;                     // what `with` put into data, where it put it
  const Replaced* replaced = nullptr;  // the last of what `with` put into data
  const bool* masked = nullptr;        // by document
  const Mock* functions = nullptr;     // by function
  const Mock* builtins = nullptr;      // by builtin
  Memo memo;
};

struct Frame {
  const Step* call;  // of the caller: where its value goes, and what to go on at
  Memo::Slot* slot;  // where to keep the value, if at all
  Memo::Entry* entry;
  Scope* restore;               // becomes current again on return, if not null
  std::uint32_t function;       // as which `entry` keeps the value
  std::uint32_t running = 0;    // whose registers are in use
  const Value* kept = nullptr;  // what they hold for the same function further out, if it runs
};

/// The input slots at and below a member of an ir::InputRecord, as a base document fills them.
struct FilledSlots {
  const Object* document = nullptr;
  std::vector<Value> slots;
};

struct Context::State {
  Arena arena;
  json::Reader reader;
  builtins::Environment environment;
  std::vector<std::string> printed;   // by print(), until it is known that this is OPA's order
  std::vector<Value> values;          // the array that code runs on
  const Code* code = nullptr;         // whose constants are there
  const Value* shown_data = nullptr;  // what the data slots there are copies of
  /// By input record and member; from one evaluation to the next while the base documents are the
  /// same.
  std::vector<std::vector<FilledSlots>> filled_slots;
  std::vector<char> running;  // by function
  std::vector<Frame> frames;
  std::vector<Memo::Slot> memo_slots;
  std::uint64_t epoch = 0;
  std::optional<std::int64_t> now_ns;  // the time of the next evaluations, if not the clock's
  const std::function<bool()>* is_cancelled = nullptr;  // asked now and then; may be null
  Error error;
};

/// A growing list of values while a collection is being built; lives in the arena, known by a
/// register.
struct List {
  explicit List(Arena& arena) : values(arena) {}
  ArenaVector<Value> values;
};

/// Makes the document that the paths in a list describe; `conflicts` becomes true if there are two
/// values at one place. Undefined when `empty` is 0 and there are no paths.
Value make_tree(Arena& arena, List& list, int empty, bool& conflicts);

/// Two documents in one: `a` wins where they are no objects.
Value merged(Arena& arena, const Value& a, const Value& b);
/// The base documents as who does not name them sees them.
Value shown_data(Arena& arena, const Value& root);
/// The base document at a path; a part that is an array_index() names an item of an array.
Value lookup_path(const Value& root, const std::vector<std::string>& path);
/// The same for one key; a number is its text. Keys of other kinds name nothing.
Value lookup_base(const Value& document, const Value& key);
/// True if `with` has replaced the document at a data slot's path and the keys behind it, or one
/// above it.
bool is_at_or_above(const Replaced& by, const std::vector<std::string>& slot, const Value* keys,
                    std::size_t count);

/// Puts `value` at `path` inside `root`, replacing what is there; what is no object on the way
/// becomes one. An undefined value removes what is there.
Value put(Arena& arena, const Value& root, const Value* path, std::size_t size, const Value& value);

}  // namespace lictor::eval
