// The dispatch loop and what its cases call.
#include "eval/machine.hpp"

#include <algorithm>
#include <charconv>

#include "base/copy_text.hpp"
#include "builtins/table.hpp"
#include "builtins/watch.hpp"
#include "eval/state.hpp"
#include "value/compare.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::eval {
namespace {

using ir::Opcode;

/// For what is more than a few moves: in the loop it would take the registers of all the others.
#define OUT_OF_LOOP [[gnu::noinline]]

/// Thrown for an error of the policy or a limit; caught where the evaluation started.
struct Abort {
  Error error;
};

Value from_pointer(const void* pointer) {
  return Value::integer(reinterpret_cast<std::int64_t>(pointer));
}

template <typename T>
T* to_pointer(const Value& value) {
  return reinterpret_cast<T*>(value.as_integer());
}

class Machine {
 public:
  Machine(const ir::Program& program, const Data& data, const Options& options,
          Context::State& state)
      : program_(program), data_(data), options_(options), state_(state), arena_(state.arena) {
    set_next_look();
    state.environment.deadline.reset();
    if (options.limits.time.count() != 0)
      state.environment.deadline = std::chrono::steady_clock::now() + options.limits.time;
    is_watched_ = builtins::is_watched(state.environment);
  }

  /// The input slots are where the code reads them.
  Value run(Value input_root, bool has_input) {
    base_scope_.input_slots = shown_input_;
    base_scope_.input_root = input_root;
    base_scope_.has_input = has_input;
    base_scope_.data_slots = data_.slots.data();
    base_scope_.memo.slots = state_.memo_slots.data();
    return loop(code_.functions[program_.entry].entry);
  }

 private:
  /// Room for the operands of most instructions, left as it is until they are written.
  struct Few {
    static constexpr std::size_t size = 8;
    union {
      Value values[size];
    };
    Few() {}
  };

  // ---- Values ----

  const Value& at(Offset offset) const {
    return *reinterpret_cast<const Value*>(reinterpret_cast<const char*>(values_) + offset);
  }
  Value& reg(Offset offset) {
    return *reinterpret_cast<Value*>(reinterpret_cast<char*>(values_) + offset);
  }

  /// The values of a list of operands, written behind each other.
  void gather(std::uint32_t list, std::uint32_t count, Value* out) const {
    const Offset* operands = code_.operands.data() + list;
    for (std::uint32_t k = 0; k < count; ++k) out[k] = at(operands[k]);
  }

  /// As above, in place or in the arena.
  const Value* gather(const Step& i, Few& few) {
    Value* out = i.n <= Few::size ? few.values : arena_.allocate<Value>(i.n);
    gather(i.c, i.n, out);
    return out;
  }

  // ---- Errors ----

  [[noreturn]] void stop_at_limit(ErrorCode code, std::string message) {
    throw Abort{{code, std::move(message), {}, 0, 0, {}, {}}};
  }

  /// Instruction `at` failed.
  [[noreturn]] void abort(ErrorCode code, std::string_view message, const Step& at) {
    Error error{code, repair_utf8(message), {}, 0, 0, {}, {}};
    if (const ir::Place* place = place_of(at)) {
      error.file = place->file;
      error.row = place->row;
      error.col = place->col;
      error.line = place->line;
    }
    throw Abort{std::move(error)};
  }

  const ir::Place* place_of(const Step& i) const {
    auto step = static_cast<std::size_t>(&i - start_);
    std::uint32_t index = step < program_.place_of.size() ? program_.place_of[step] : 0;
    return index < program_.places.size() ? &program_.places[index] : nullptr;
  }

  std::string location_of(const Step& i) const {
    const ir::Place* place = place_of(i);
    if (place == nullptr || place->file.empty()) return place ? place->line : std::string();
    return place->file + ":" + std::to_string(place->row);
  }

  [[noreturn]] void conflict(const ir::Function& of, const Step& at) {
    abort(ErrorCode::eval_conflict,
          (of.is_function ? "function " : "rule ") + of.name + " produced conflicting values" +
              (of.is_function ? " for the same inputs" : ""),
          at);
  }

  void tick() {
    if (++steps_ == next_look_) look_at_limits();
  }

  void look_at_limits() {
    const Limits& limits = options_.limits;
    if (limits.instructions != 0 && steps_ > limits.instructions) {
      stop_at_limit(ErrorCode::limit_instructions, "the evaluation took too many steps (limit " +
                                                       std::to_string(limits.instructions) + ")");
    }
    builtins::stop_if_due(state_.environment);
    set_next_look();
  }

  void set_next_look() {
    constexpr std::uint64_t between_looks_at_the_clock = 4096;
    const Limits& limits = options_.limits;
    next_look_ = limits.instructions != 0 ? limits.instructions + 1 : UINT64_MAX;
    if (limits.time.count() != 0 || state_.is_cancelled)
      next_look_ = std::min(next_look_, steps_ + between_looks_at_the_clock);
  }

  // ---- Calls ----

  /// Enters a function; returns the instruction to go on at.
  const Step* call(const Step& i) {
    const Code::Function& function = code_.functions[i.b];
    if (function.memo == ir::Memo::value) {
      Memo::Slot* slot = &scope_->memo.slots[function.memo_slot];
      if (slot->epoch == state_.epoch) return known(i, slot->value);
      return enter(i.b, nullptr, {&i, slot, nullptr, nullptr, i.b});
    }
    Memo::Entry* entry = nullptr;
    Few few;
    const Value* arguments = gather(i, few);
    if (function.memo == ir::Memo::keyed) {
      entry = find_entry(i.b, arguments, i.n);
      if (entry->function != no_function) return known(i, entry->value);
    }
    return enter(i.b, arguments, {&i, nullptr, entry, nullptr, i.b});
  }

  /// The groups of a comprehension, made when they are asked for again.
  OUT_OF_LOOP const Step* groups(const Step& i) {
    Memo::Slot* slot = &scope_->memo.slots[code_.functions[i.b].memo_slot];
    if (slot->epoch != state_.epoch) {
      *slot = {state_.epoch, Value()};
      return i.fail;
    }
    if (!slot->value.is_undefined()) return known(i, slot->value);
    return enter(i.b, nullptr, {&i, slot, nullptr, nullptr, i.b});
  }

  /// Keeps the value of an instruction, which fails without one.
  const Step* known(const Step& i, const Value& value) {
    if (value.is_undefined()) return i.fail;
    reg(i.a) = value;
    return &i + 1;
  }

  const Step* enter(std::uint32_t function, const Value* arguments, const Frame& frame) {
    tick();
    if (next_frame_ == end_of_frames_) add_frames();
    *next_frame_++ = frame;
    return take_registers(function, arguments);
  }

  OUT_OF_LOOP void add_frames() {
    std::size_t size = state_.frames.size(), most = options_.limits.call_depth;
    if (size >= most) stop_at_limit(ErrorCode::limit_depth, "rules call each other too deeply");
    state_.frames.resize(std::min(most, size * 2 + 8));
    next_frame_ = state_.frames.data() + size;
    end_of_frames_ = state_.frames.data() + state_.frames.size();
  }

  bool is_outermost() const { return next_frame_ == state_.frames.data(); }

  /// The last frame's function becomes the one that runs; returns where it starts.
  const Step* take_registers(std::uint32_t number, const Value* arguments) {
    const Code::Function& function = code_.functions[number];
    Frame& frame = next_frame_[-1];
    char& running = state_.running[number];
    frame.running = number;
    frame.kept = running ? keep_registers(function) : nullptr;
    running = true;
    for (std::uint32_t k = 0; k < function.parameters; ++k)
      reg(behind(function.first, k)) = arguments[k];
    return function.entry;
  }

  OUT_OF_LOOP const Value* keep_registers(const Code::Function& function) {
    Value* out = arena_.allocate<Value>(function.registers);
    std::copy(&reg(function.first), &reg(function.first) + function.registers, out);
    return out;
  }

  void give_registers(const Frame& frame) {
    if (frame.kept == nullptr) {
      state_.running[frame.running] = false;
      return;
    }
    const Code::Function& function = code_.functions[frame.running];
    std::copy(frame.kept, frame.kept + function.registers, &reg(function.first));
  }

  /// Leaves a function that was called; returns the instruction to go on at.
  const Step* leave(const Value value) {
    const Frame& frame = *--next_frame_;
    give_registers(frame);
    if (frame.restore) set_scope(frame.restore);
    if (frame.slot) *frame.slot = {state_.epoch, value};
    if (frame.entry) {
      frame.entry->function = frame.function;
      frame.entry->value = value;
    }
    return known(*frame.call, value);
  }

  static constexpr std::uint32_t no_function = ~0u;

  /// The memo entry of a call, new (with no_function) if there is none yet. As in OPA, the value
  /// of f(1) is that of f(1.0) too, whichever was first.
  Memo::Entry* find_entry(std::uint32_t function, const Value* arguments, std::uint32_t count) {
    Memo& memo = scope_->memo;
    if (memo.entries >= memo.bucket_count) grow(memo);
    std::uint64_t key = function * 0x9E3779B97F4A7C15u;
    for (std::uint32_t k = 0; k < count; ++k)
      key = (key ^ hash(arguments[k])) * 0xBF58476D1CE4E5B9u;
    Memo::Entry*& bucket = memo.buckets[(key >> 20) & (memo.bucket_count - 1)];
    for (Memo::Entry* entry = bucket; entry; entry = entry->next) {
      if (entry->hash != key || entry->function != function || entry->count != count) continue;
      if (std::equal(arguments, arguments + count, entry->arguments,
                     [](const Value& a, const Value& b) { return equal(a, b); })) {
        return entry;
      }
    }
    Memo::Entry* entry = arena_.allocate<Memo::Entry>(1);
    Value* copy = arena_.allocate<Value>(count);
    std::copy(arguments, arguments + count, copy);
    *entry = {key, no_function, count, copy, Value(), bucket};
    bucket = entry;
    ++memo.entries;
    return entry;
  }

  void grow(Memo& memo) {
    std::uint32_t count = memo.bucket_count == 0 ? 64 : memo.bucket_count * 4;
    auto** buckets = arena_.allocate<Memo::Entry*>(count);
    std::fill(buckets, buckets + count, nullptr);
    for (std::uint32_t b = 0; b < memo.bucket_count; ++b) {
      for (Memo::Entry* entry = memo.buckets[b]; entry;) {
        Memo::Entry* next = entry->next;
        Memo::Entry*& bucket = buckets[(entry->hash >> 20) & (count - 1)];
        entry->next = bucket;
        bucket = entry;
        entry = next;
      }
    }
    memo.buckets = buckets;
    memo.bucket_count = count;
  }

  Value call_builtin(std::uint32_t number, const Value* arguments, std::size_t count,
                     const Step& at) {
    const builtins::Builtin& builtin = data_.builtins[number];
    if (builtin.function == nullptr)
      abort(ErrorCode::eval_internal, std::string("undefined function ") + builtin.name, at);
    auto location = [&] { return location_of(at); };
    FunctionRef<std::string()> where(location);
    builtins::Call call{
        builtin, arena_, {arguments, count}, state_.environment, options_.strict_builtin_errors,
        &where};
    if (is_watched_) count_work(call.args);
    Value out = builtin.function(call);
    if (call.halted) abort(call.code, state_.environment.message, at);
    if (call.failed && options_.strict_builtin_errors)
      abort(call.code, std::string(builtin.name) + ": " + state_.environment.message, at);
    return out;
  }

  /// Looks at the clock before a builtin if those since the last look had much to read.
  OUT_OF_LOOP void count_work(std::span<const Value> arguments) {
    constexpr std::size_t between_looks = std::size_t{1} << 17;
    constexpr std::size_t of_a_call = 64, bytes_an_item = 8;
    work_ += of_a_call;
    for (const Value& value : arguments) {
      if (value.is_collection()) work_ += static_cast<std::size_t>(value.size());
      if (value.is(Kind::string)) work_ += value.as_string().size() / bytes_an_item;
    }
    if (work_ < between_looks) return;
    work_ = 0;
    builtins::stop_if_due(state_.environment);
  }

  OUT_OF_LOOP const Step* builtin(const Step& i) {
    Few few;
    return known(i, call_builtin(i.b, gather(i, few), i.n, i));
  }

  /// Arithmetic on what is no pair of integers, or overflows.
  OUT_OF_LOOP const Step* arithmetic(const Step& i) {
    const Value operands[] = {at(i.b), at(i.c)};
    return known(i, call_builtin(i.n, operands, 2, i));
  }

  /// An integer and a float, as most are that are not both integers.
  bool multiplies_float(const Step& i) {
    const Value &b = at(i.b), &c = at(i.c);
    if (b.is_integer() && c.as_float())
      reg(i.a) = multiply_floats(arena_, b, c);
    else if (c.is_integer() && b.as_float())
      reg(i.a) = multiply_floats(arena_, c, b);
    else
      return false;
    return true;
  }

  /// Counts what is no collection.
  OUT_OF_LOOP const Step* count(const Step& i) {
    const Value operand = at(i.b);
    return known(i, call_builtin(i.n, &operand, 1, i));
  }

  template <typename Operation>
  bool on_integers(const Step& i, Operation overflows) {
    const Value &b = at(i.b), &c = at(i.c);
    std::int64_t result = 0;
    if (!b.is_integer() || !c.is_integer()) return false;
    if (overflows(b.as_integer(), c.as_integer(), &result)) return false;
    reg(i.a) = Value::integer(result);
    return true;
  }

  /// Runs a builtin, or what replaces it.
  OUT_OF_LOOP const Step* mockable(const Step& i) {
    if (!scope_->builtins || scope_->builtins[i.b].kind == Mock::Kind::none) return builtin(i);
    const Mock& mock = scope_->builtins[i.b];
    Few few;
    const Value* arguments = gather(i, few);
    switch (mock.kind) {
      case Mock::Kind::value:
      case Mock::Kind::document:
        return known(i, mock.value);
      case Mock::Kind::builtin:
        return known(i, call_builtin(mock.target, arguments, i.n, i));
      default:
        break;
    }
    return enter(mock.target, arguments, {&i, nullptr, nullptr, without_mocks(), mock.target});
  }

  /// A function that replaces another sees the originals: nothing is replaced while it runs.
  /// Returns the scope to restore.
  Scope* without_mocks() {
    Scope* outer = scope_;
    Scope* scope = new_scope();
    scope->functions = nullptr;
    scope->builtins = nullptr;
    set_scope(scope);
    return outer;
  }

  // ---- With ----

  /// A copy of the current scope with a memo of its own.
  Scope* new_scope() {
    keep_input_slots();
    auto* scope = arena_.allocate<Scope>(1);
    *scope = *scope_;
    scope->memo = Memo{};
    scope->memo.slots = arena_.allocate<Memo::Slot>(program_.memo_slots);
    std::fill(scope->memo.slots, scope->memo.slots + program_.memo_slots, Memo::Slot{});
    return scope;
  }

  OUT_OF_LOOP void fork(Offset target) {
    Scope* scope = new_scope();
    reg(target) = from_pointer(scope);
    set_scope(scope);
  }

  void set_scope(Scope* scope) {
    scope_ = scope;
    show_slots();
  }

  /// Has the slots of the scope where the code reads them.
  void show_slots() {
    if (shown_input_ != scope_->input_slots) {
      shown_input_ = scope_->input_slots;
      std::copy(shown_input_, shown_input_ + program_.input.slot_count, &reg(code_.input));
    }
    if (state_.shown_data != scope_->data_slots) {
      state_.shown_data = scope_->data_slots;
      std::copy(state_.shown_data, state_.shown_data + program_.data.size(), &reg(code_.data));
    }
  }

  /// What stands only where the code reads it is kept before others come there.
  void keep_input_slots() {
    if (scope_->input_slots != &reg(code_.input)) return;
    auto* kept = arena_.allocate<Value>(program_.input.slot_count);
    std::copy(scope_->input_slots, scope_->input_slots + program_.input.slot_count, kept);
    scope_->input_slots = shown_input_ = kept;
  }

  void set_input(const Value& root, const Value* slots) {
    scope_->input_root = root;
    scope_->input_slots = slots;
    scope_->has_input = true;
    show_slots();
  }

  void set_input(const Value& root) {
    auto* slots = arena_.allocate<Value>(program_.input.slot_count);
    json::fill_slots(program_.input, root, slots);
    set_input(root, slots);
  }

  OUT_OF_LOOP void with_input(const Step& i) {
    Few few;
    const Value* path = with_path(i, few);
    set_input(put(arena_, scope_->input_root, path, i.n, at(i.b)));
  }

  /// The keys of what `with` replaces, which must be texts.
  const Value* with_path(const Step& i, Few& few) {
    const Value* path = gather(i, few);
    bool texts = std::all_of(path, path + i.n, [](auto& key) { return key.is(Kind::string); });
    if (!texts) abort(ErrorCode::eval_conflict, "bad document path", i);
    return path;
  }

  OUT_OF_LOOP bool with_object(const Step& i) {
    const ir::InputRecord& made = program_.input_records[i.b];
    if (!made.inputs.empty() && !scope_->has_input) return false;
    const ir::Record& record = program_.records[made.record];
    std::size_t size = record.members.size();
    Member* members = fill_record(record, i);
    const json::Shape& shape = program_.input;
    if (shape.nodes[0].whole) {
      for (std::uint32_t member : made.inputs) members[member].value = scope_->input_root;
      set_input(lictor::make_record(arena_, members, size, nullptr));
      return true;
    }
    auto* slots = arena_.allocate<Value>(shape.slot_count);
    std::fill(slots, slots + shape.slot_count, Value());
    std::vector<FilledSlots>& filled = state_.filled_slots[i.b];
    for (std::size_t k = 0; k < size; ++k) {
      if (made.nodes[k] != 0) fill_member_slots(made.nodes[k], members[k].value, slots, filled[k]);
    }
    for (ir::InputRecord::Move move : made.moves) slots[move.to] = scope_->input_slots[move.from];
    set_input(Value(), slots);
    return true;
  }

  /// Looks a base document's fields up once, not once an evaluation.
  void fill_member_slots(std::uint32_t node, const Value& value, Value* slots,
                         FilledSlots& filled) const {
    const json::Shape::Node& place = program_.input.nodes[node];
    if (filled.document && value.is(Kind::object) && value.as_object() == filled.document) {
      std::copy(filled.slots.begin(), filled.slots.end(), slots + place.first_slot);
      return;
    }
    json::fill_slots_at(program_.input, node, value, slots);
    auto is_value = [&](const Value& document) {
      return document.is(Kind::object) && document.as_object() == value.as_object();
    };
    if (!value.is(Kind::object) || std::none_of(data_.slots.begin(), data_.slots.end(), is_value))
      return;
    filled = {value.as_object(), {slots + place.first_slot, slots + place.last_slot}};
  }

  OUT_OF_LOOP void with_data(const Step& i) {
    Few few;
    const Value* path = with_path(i, few);
    Value root = put(arena_, scope_->data_root, path, i.n, at(i.b));
    Value* kept = arena_.allocate<Value>(i.n);
    std::copy(path, path + i.n, kept);
    scope_->replaced = new (arena_.allocate<Replaced>(1)) Replaced{kept, i.n, scope_->replaced};
    auto* slots = arena_.allocate<Value>(program_.data.size());
    for (std::size_t k = 0; k < program_.data.size(); ++k) {
      slots[k] = lookup_path(root, program_.data[k]);
      if (is_replaced(program_.data[k], nullptr, 0)) continue;
      slots[k] = merged(arena_, slots[k], data_.slots[k]);
    }
    auto* masked = arena_.allocate<bool>(program_.documents.size());
    for (std::size_t d = 0; d < program_.documents.size(); ++d) {
      const auto& document = program_.documents[d];
      bool hidden = i.n <= document.size();
      for (std::size_t k = 0; hidden && k < i.n; ++k) hidden = path[k].as_text() == document[k];
      masked[d] = hidden || (scope_->masked && scope_->masked[d]);
    }
    scope_->data_root = root;
    scope_->data_slots = slots;
    scope_->masked = masked;
    show_slots();
  }

  /// True if `with` put something at the path of a data slot and the keys below it, or above.
  bool is_replaced(const std::vector<std::string>& slot, const Value* keys,
                   std::size_t count) const {
    const Replaced* by = scope_->replaced;
    while (by != nullptr && !is_at_or_above(*by, slot, keys, count)) by = by->others;
    return by != nullptr;
  }

  OUT_OF_LOOP static Value get_base(const Value& document, const Value& key) {
    Value found = lookup(document, key);
    Kind usual = document.is(Kind::array) ? Kind::number : Kind::string;
    return found.is_undefined() && !key.is(usual) ? lookup_base(document, key) : found;
  }

  /// What `with` put into data is addressed as any value. What is not found there may be a base
  /// document still, as of an array into which `with` put a name.
  OUT_OF_LOOP Value get_replaceable(const Step& i) {
    Few few;
    const Value* operands = gather(i, few);
    const Value &document = operands[0], &key = operands[i.n - 1];
    if (scope_->replaced == nullptr) return get_base(document, key);
    const auto& slot = program_.data[program_.operands[i.c + 1] & ir::index_mask];
    const Value* keys = operands + 2;
    std::size_t count = i.n - 2u;
    if (is_replaced(slot, keys, count)) {
      Value found = lookup_path(scope_->data_root, slot);
      for (std::size_t k = 0; k < count; ++k) found = lookup(found, keys[k]);
      return found;
    }
    Value found = lookup(document, key);
    if (!found.is_undefined()) return found;
    found = lookup_path(data_.root, slot);
    for (std::size_t k = 0; k < count; ++k) found = lookup_base(found, keys[k]);
    return found;
  }

  Mock make_mock(const Step& i) {
    Mock mock;
    mock.kind = static_cast<Mock::Kind>(i.n + 1);
    if (mock.kind == Mock::Kind::value || mock.kind == Mock::Kind::document)
      mock.value = at(i.c);
    else
      mock.target = i.c;
    return mock;
  }

  static bool is_document(const Mock* mocks, std::uint32_t number) {
    return mocks && mocks[number].kind == Mock::Kind::document;
  }

  const Mock* with_mock(const Mock* from, std::size_t count, const Step& i) {
    auto* mocks = arena_.allocate<Mock>(count);
    if (from)
      std::copy(from, from + count, mocks);
    else
      std::fill(mocks, mocks + count, Mock{});
    mocks[i.b] = make_mock(i);
    return mocks;
  }

  OUT_OF_LOOP Value masked_value(const Step& i) {
    Value found = lookup_path(scope_->data_root, program_.documents[i.b]);
    for (std::uint32_t k = 0; k < i.n; ++k) found = lookup(found, at(code_.operands[i.c + k]));
    return found;
  }

  // ---- Collections ----

  List& list(Offset operand) { return *to_pointer<List>(at(operand)); }

  OUT_OF_LOOP void append_path(const Step& i, Value how) {
    Value* entry = arena_.allocate<Value>(i.n + 2u);
    entry[0] = how;
    entry[1] = at(i.b);
    gather(i.c, i.n, entry + 2);
    list(i.a).values.push_back(Value::array(entry, i.n + 2u));
  }

  [[noreturn]] void key_conflict(const Step& at) {
    abort(ErrorCode::eval_conflict, "object keys must be unique", at);
  }

  Member* listed_members(const Step& i, std::size_t& count) {
    List& pairs = list(i.b);
    count = pairs.values.size() / 2;
    auto* members = arena_.allocate<Member>(count);
    for (std::size_t k = 0; k < count; ++k)
      members[k] = {pairs.values[2 * k], pairs.values[2 * k + 1]};
    return members;
  }

  static Value finish_array(List& list) {
    return Value::array(list.values.data(), static_cast<std::uint32_t>(list.values.size()));
  }

  static Value finish_set(List& list) {
    std::size_t size = list.values.size();
    return size < 2 ? Value::set(list.values.data(), static_cast<std::uint32_t>(size))
                    : make_set(list.values.data(), size);
  }

  OUT_OF_LOOP Value finish_object(const Step& i) {
    std::size_t count = 0;
    Member* members = listed_members(i, count);
    Value out = make_consistent_object(arena_, members, count);
    if (out.is_undefined()) key_conflict(i);
    return out;
  }

  OUT_OF_LOOP Value finish_tree(const Step& i) {
    bool conflicts = false;
    Value out = make_tree(arena_, list(i.b), i.n, conflicts);
    if (conflicts) key_conflict(i);
    return out;
  }

  OUT_OF_LOOP Value finish_groups(const Step& i) {
    std::size_t count = 0;
    Member* members = listed_members(i, count);
    return make_groups(arena_, members, count, static_cast<Kind>(i.n));
  }

  OUT_OF_LOOP Value finish_table(const Step& i) {
    std::size_t count = 0;
    Member* members = listed_members(i, count);
    return make_unique_object(arena_, members, count, Duplicates::first_key_last_value);
  }

  OUT_OF_LOOP Value make_array_of(const Step& i) {
    auto* items = arena_.allocate<Value>(i.n);
    gather(i.c, i.n, items);
    return Value::array(items, i.n);
  }

  OUT_OF_LOOP Value make_set_of(const Step& i) {
    auto* items = arena_.allocate<Value>(i.n);
    gather(i.c, i.n, items);
    return make_set(items, i.n);
  }

  Member* gather_members(const Step& i) {
    auto* members = arena_.allocate<Member>(i.n / 2u);
    gather(i.c, i.n, &members[0].key);
    return members;
  }

  OUT_OF_LOOP Value make_object_of(const Step& i) {
    return make_unique_object(arena_, gather_members(i), i.n / 2u,
                              Duplicates::first_key_last_value);
  }

  /// The members of a record with the operands in its holes.
  Member* fill_record(const ir::Record& record, const Step& i) {
    auto* members = arena_.allocate<Member>(record.members.size());
    std::copy(record.members.begin(), record.members.end(), members);
    const Offset* operands = code_.operands.data() + i.c;
    for (std::uint32_t k = 0; k < i.n; ++k) members[record.holes[k]].value = at(operands[k]);
    return members;
  }

  /// Of texts and integers, which nearly all values are, written straight to where the text lives.
  OUT_OF_LOOP Value format(const Step& i) {
    const ir::Format& format = program_.formats[i.b];
    const Offset* operands = code_.operands.data() + i.c;
    std::size_t room = format.text.size();
    bool is_utf8 = format.text.is_known_utf8();
    for (std::uint32_t k = 0; k < i.n; ++k) {
      const Value& value = at(operands[k]);
      if (value.is(Kind::string) && format.verbs[k] != 'd') {
        room += value.size();
        is_utf8 &= value.is_known_utf8();
      } else if (value.is_integer() && format.verbs[k] != 's') {
        room += longest_integer;
      } else {
        return format_any(i, format);
      }
    }
    char* first = arena_.allocate<char>(room);
    char* to = copy_text(format.texts[0], first);
    for (std::uint32_t k = 0; k < i.n; ++k) {
      const Value& value = at(operands[k]);
      to = value.is_integer() ? std::to_chars(to, to + longest_integer, value.as_integer()).ptr
                              : copy_text(value.as_string(), to);
      to = copy_text(format.texts[k + 1], to);
    }
    std::string_view text(first, static_cast<std::size_t>(to - first));
    return is_utf8 ? Value::utf8_string(text) : Value::string(text);
  }

  OUT_OF_LOOP Value format_any(const Step& i, const ir::Format& format) {
    const Value arguments[] = {format.text, make_array_of(i)};
    return call_builtin(format.builtin, arguments, 2, i);
  }

  OUT_OF_LOOP Value make_record(const Step& i) {
    const ir::Record& record = program_.records[i.b];
    Member* members = fill_record(record, i);
    return lictor::make_record(arena_, members, record.members.size(), record.layout.get());
  }

  bool scan(const Step& i) { return start_scan(i.a, at(i.b)); }

  bool start_scan(Offset state, const Value& collection) {
    if (!collection.is_collection()) return false;
    if (collection.is(Kind::object)) sorted_members(collection);
    Value held = collection;
    reg(state) = held;
    reg(behind(state, 1)) = Value::integer(0);
    return true;
  }

  bool next(const Step& i) {
    std::int64_t index = reg(behind(i.a, 1)).as_integer();
    if (index >= reg(i.a).size()) return false;
    take_item(i, index);
    reg(behind(i.a, 1)) = Value::integer(index + 1);
    return true;
  }

  /// The positions of the rows, as two pointers behind the collection.
  OUT_OF_LOOP bool find_rows(const Step& i) {
    const ir::RowIndex& index = program_.row_indexes[i.b];
    const Value& rows = scope_->data_slots[index.slot];
    if (!start_scan(i.a, rows)) return false;
    Few few;
    const Value* values = gather(i, few);
    bool replaced = scope_->data_slots != data_.slots.data();
    put_span(i.a, replaced ? rows_with(rows, index, values) : data_.row_tables[i.b].find(values));
    return true;
  }

  /// Where `with` replaces data there is no index.
  std::span<const std::uint32_t> rows_with(const Value& rows, const ir::RowIndex& index,
                                           const Value* values) {
    ArenaVector<std::uint32_t> out(arena_);
    for (std::uint32_t at = 0; at < rows.size(); ++at) {
      tick();
      if (has_columns(rows, at, index, values)) out.push_back(at);
    }
    return {out.data(), out.size()};
  }

  void put_span(Offset before, std::span<const std::uint32_t> numbers) {
    reg(behind(before, 1)) = from_pointer(numbers.data());
    reg(behind(before, 2)) = from_pointer(numbers.data() + numbers.size());
  }

  OUT_OF_LOOP bool next_row(const Step& i) {
    const auto* row = to_pointer<const std::uint32_t>(reg(behind(i.a, 1)));
    if (row == to_pointer<const std::uint32_t>(reg(behind(i.a, 2)))) return false;
    if (i.n == 0)
      take_item(i, *row);
    else
      tick();
    reg(behind(i.a, 1)) = from_pointer(row + 1);
    return true;
  }

  /// The key and the value at a position of the collection that a loop is over.
  void take_item(const Step& i, std::int64_t index) {
    const Value& collection = reg(i.a);
    tick();
    switch (collection.kind()) {
      case Kind::array:
        reg(i.b) = Value::integer(index);
        reg(i.c) = collection.items()[index];
        break;
      case Kind::set:
        reg(i.b) = reg(i.c) = collection.items()[index];
        break;
      default: {
        const Member& member = collection.as_object()->members[index];
        reg(i.b) = member.key;
        reg(i.c) = member.value;
      }
    }
  }

  OUT_OF_LOOP void find_rules(const Step& i) {
    put_cursor(i.a, program_.rule_tables[i.c].find(at(i.b)));
  }

  /// The instruction to go on at.
  OUT_OF_LOOP const Step* next_rule(const Step& i) {
    const ir::RuleTable& table = program_.rule_tables[i.c];
    ir::RuleTable::Cursor cursor{to_pointer<const std::uint32_t>(reg(behind(i.a, 1))),
                                 to_pointer<const std::uint32_t>(reg(behind(i.a, 2))),
                                 static_cast<std::uint32_t>(reg(i.a).as_integer())};
    std::uint32_t rule = table.take(cursor);
    if (rule == ir::RuleTable::none) return i.fail;
    put_cursor(i.a, cursor);
    return start_ + table.starts[rule];
  }

  void put_cursor(Offset to, const ir::RuleTable::Cursor& cursor) {
    reg(to) = Value::integer(cursor.next_other);
    put_span(to, {cursor.next, cursor.end});
  }

  [[gnu::always_inline]] static bool compares(const Value& a, const Value& b,
                                              std::uint16_t comparison) {
    // By comparison, the orders for which it holds: less is bit 0, equal bit 1, greater bit 2.
    static constexpr std::uint8_t orders[] = {0b010, 0b101, 0b001, 0b011, 0b100, 0b110};
    int order = a.is_integer() && b.is_integer()
                    ? (a.as_integer() > b.as_integer()) - (a.as_integer() < b.as_integer())
                    : order_of(a, b, comparison);
    return (orders[comparison] >> (order + 1)) & 1;
  }

  OUT_OF_LOOP static int order_of(const Value& a, const Value& b, std::uint16_t comparison) {
    bool equality = comparison <= static_cast<std::uint16_t>(ir::Comparison::not_equal);
    if (equality) return equal(a, b) ? 0 : 1;
    bool numbers = a.is(Kind::number) && b.is(Kind::number);
    int order = numbers ? compare_numbers(a, b) : compare(a, b);
    return (order > 0) - (order < 0);
  }

  // ---- The loop ----

  /// Each instruction goes on to the next one by a jump of its own, which the processor foresees by
  /// what came before. `i` is all that a step hands to the next, so that it can stay in a register.
  Value loop(const Step* i) {
    auto at = [first = reinterpret_cast<const char*>(values_)](Offset offset) -> const Value& {
      return *reinterpret_cast<const Value*>(first + offset);
    };
    auto reg = [first = reinterpret_cast<char*>(values_)](Offset offset) -> Value& {
      return *reinterpret_cast<Value*>(first + offset);
    };
    static const void* const steps[] = {
#define OP(name, operands, meaning) &&on_##name,
#include "ir/opcodes.def"
#undef OP
    };
#define GO(to)                                    \
  do {                                            \
    i = (to);                                     \
    goto* steps[static_cast<std::size_t>(i->op)]; \
  } while (false)
#define NEXT GO(i + 1)
#define FAIL GO(i->fail)
    GO(i);
  on_move:
    reg(i->a) = at(i->b);
    NEXT;
  on_check:
    if (at(i->b).is_undefined()) FAIL;
    NEXT;
  on_get:
    if (const Value* found = find(at(i->b), at(i->c)); found) {
      reg(i->a) = *found;
      NEXT;
    }
    FAIL;
  on_get_base:
    GO(known(*i, get_base(at(i->b), at(i->c))));
  on_get_replaceable:
    GO(known(*i, get_replaceable(*i)));
  on_item:
    reg(i->a) = at(i->b).is(Kind::object) ? at(i->b).as_object()->members[i->n].value
                                          : at(i->b).items()[i->n];
    NEXT;
  on_behind:
    reg(i->a) = Value::string(at(i->b).as_string().substr(i->n));
    NEXT;
  on_set_undefined:
    reg(i->a) = Value();
    NEXT;
  on_test:
    if (at(i->b).is_undefined() || at(i->b).is_false()) FAIL;
    NEXT;
  on_equal:
    if (!equal(at(i->b), at(i->c))) FAIL;
    NEXT;
  on_differs:
    if (equal(at(i->b), at(i->c))) FAIL;
    NEXT;
  on_compare:
    if (!compares(at(i->b), at(i->c), i->n)) FAIL;
    NEXT;
  on_compare_number:
    if (!at(i->b).is(Kind::number) || !compares(at(i->b), at(i->c), i->n)) FAIL;
    NEXT;
  on_member:
    if (!has_value(at(i->c), at(i->b))) FAIL;
    NEXT;
  on_lacks:
    if (has_value(at(i->c), at(i->b))) FAIL;
    NEXT;
  on_has_key:
    if (find(at(i->c), at(i->b)) == nullptr) FAIL;
    NEXT;
  on_lacks_key:
    if (find(at(i->c), at(i->b)) != nullptr) FAIL;
    NEXT;
  on_is_kind:
    if (static_cast<std::uint16_t>(at(i->b).kind()) != i->n) FAIL;
    NEXT;
  on_is_other_kind:
    if (static_cast<std::uint16_t>(at(i->b).kind()) == i->n) FAIL;
    NEXT;
  on_is_array:
    if (!at(i->b).is(Kind::array) || at(i->b).size() != i->n) FAIL;
    NEXT;
  on_is_object:
    if (!at(i->b).is(Kind::object) || at(i->b).size() != i->n) FAIL;
    NEXT;
  on_jump:
    GO(start_ + i->a);
  on_jump_defined:
    if (!at(i->b).is_undefined()) GO(start_ + i->a);
    NEXT;
  on_jump_replaced:
    if (is_document(scope_->functions, i->b)) GO(start_ + i->a);
    NEXT;
  on_jump_replaced_builtin:
    if (is_document(scope_->builtins, i->b)) GO(start_ + i->a);
    NEXT;
  on_load_label:
    reg(i->a) = Value::integer(i->b);
    NEXT;
  on_jump_register:
    GO(start_ + at(i->b).as_integer());
  on_find_rules:
    find_rules(*i);
    NEXT;
  on_next_rule:
    GO(next_rule(*i));
  on_scan:
    if (!scan(*i)) FAIL;
    NEXT;
  on_find_rows:
    if (!find_rows(*i)) FAIL;
    NEXT;
  on_next_row:
    if (!next_row(*i)) FAIL;
    NEXT;
  on_next:
    if (!next(*i)) FAIL;
    NEXT;
  on_call:
    GO(call(*i));
  on_builtin:
    GO(builtin(*i));
  on_mockable:
    GO(mockable(*i));
  on_add:
    if (!on_integers(*i, [](auto b, auto c, auto* a) { return __builtin_add_overflow(b, c, a); }))
      GO(arithmetic(*i));
    NEXT;
  on_subtract:
    if (!on_integers(*i, [](auto b, auto c, auto* a) { return __builtin_sub_overflow(b, c, a); }))
      GO(arithmetic(*i));
    NEXT;
  on_multiply:
    if (!on_integers(*i, [](auto b, auto c, auto* a) { return __builtin_mul_overflow(b, c, a); }))
      if (!multiplies_float(*i)) GO(arithmetic(*i));
    NEXT;
  on_count:
    if (!at(i->b).is_collection()) GO(count(*i));
    reg(i->a) = Value::integer(at(i->b).size());
    NEXT;
  on_format:
    GO(known(*i, format(*i)));
  on_groups:
    GO(groups(*i));
  on_ret:
    if (is_outermost()) return at(i->b);
    GO(leave(at(i->b)));
  on_masked:
    if (!scope_->masked || !scope_->masked[i->b]) NEXT;
    if (is_outermost()) return masked_value(*i);
    GO(leave(masked_value(*i)));
  on_mocked:
    GO(mocked(*i));
  on_make_array:
    reg(i->a) = make_array_of(*i);
    NEXT;
  on_make_set:
    reg(i->a) = make_set_of(*i);
    NEXT;
  on_make_object:
    reg(i->a) = make_object_of(*i);
    NEXT;
  on_make_record:
    reg(i->a) = make_record(*i);
    NEXT;
  on_list:
    reg(i->a) = from_pointer(new (arena_.allocate<List>(1)) List(arena_));
    NEXT;
  on_append:
    list(i->a).values.push_back(at(i->b));
    NEXT;
  on_append_pair:
    list(i->a).values.push_back(at(i->b));
    list(i->a).values.push_back(at(i->c));
    NEXT;
  on_append_path:
    append_path(*i, Value::boolean(false));
    NEXT;
  on_append_member:
    append_path(*i, Value::boolean(true));
    NEXT;
  on_append_place:
    append_path(*i, Value::null());
    NEXT;
  on_finish_array:
    reg(i->a) = finish_array(list(i->b));
    NEXT;
  on_finish_set:
    reg(i->a) = finish_set(list(i->b));
    NEXT;
  on_finish_object:
    reg(i->a) = finish_object(*i);
    NEXT;
  on_finish_table:
    reg(i->a) = finish_table(*i);
    NEXT;
  on_finish_groups:
    reg(i->a) = finish_groups(*i);
    NEXT;
  on_finish_tree:
    reg(i->a) = finish_tree(*i);
    NEXT;
  on_set_once:
    if (reg(i->a).is_undefined())
      reg(i->a) = at(i->b);
    else if (!equal(reg(i->a), at(i->b)))
      conflict(program_.functions[i->c], *i);
    NEXT;
  on_unbound:
    abort(ErrorCode::eval_internal, "a variable that has no value is asked for", *i);
  on_state_save:
    reg(i->a) = from_pointer(scope_);
    NEXT;
  on_state_fork:
    fork(i->a);
    NEXT;
  on_state_set:
    set_scope(to_pointer<Scope>(at(i->b)));
    NEXT;
  on_with_input:
    with_input(*i);
    NEXT;
  on_with_object:
    if (!with_object(*i)) FAIL;
    NEXT;
  on_with_data:
    with_data(*i);
    NEXT;
  on_with_function:
    scope_->functions = with_mock(scope_->functions, program_.functions.size(), *i);
    NEXT;
  on_with_builtin:
    scope_->builtins = with_mock(scope_->builtins, program_.builtins->size(), *i);
    NEXT;
#undef FAIL
#undef NEXT
#undef GO
  }

  /// A function that may be replaced looks here first; what replaces it answers in its place.
  OUT_OF_LOOP const Step* mocked(const Step& i) {
    if (!scope_->functions || scope_->functions[i.b].kind == Mock::Kind::none) return &i + 1;
    const Mock& mock = scope_->functions[i.b];
    Few few;
    const Value* arguments = gather(i, few);
    switch (mock.kind) {
      case Mock::Kind::value:
      case Mock::Kind::document:
        return leave(mock.value);
      case Mock::Kind::builtin:
        return leave(call_builtin(mock.target, arguments, i.n, i));
      default:
        break;
    }
    Frame& frame = next_frame_[-1];
    Scope* outer = without_mocks();
    if (frame.restore == nullptr) frame.restore = outer;
    give_registers(frame);
    return take_registers(mock.target, arguments);
  }

  const ir::Program& program_;
  const Data& data_;
  const Code& code_ = data_.code;
  const Step* const start_ = code_.steps.data();
  const Options& options_;
  Context::State& state_;
  Arena& arena_;
  Scope base_scope_;
  Scope* scope_ = &base_scope_;
  Value* const values_ = state_.values.data();
  Frame* next_frame_ = state_.frames.data();
  Frame* end_of_frames_ = state_.frames.data() + state_.frames.size();
  const Value* shown_input_ = &at(code_.input);  // what the input slots are copies of
  std::uint64_t steps_ = 0;
  std::uint64_t next_look_ = 0;  // at the limits, in steps
  bool is_watched_ = false;
  std::size_t work_ = 0;  // of builtins, since the last look at the clock
};

const Error* run(const ir::Program& program, const Data& data, const Options& options,
                 Context::State& state, Value root, bool has_input, Value& out) {
  try {
    out = Machine(program, data, options, state).run(root, has_input);
    return nullptr;
  } catch (Abort& abort) {
    state.error = std::move(abort.error);
  } catch (const builtins::Stopped& stopped) {
    state.error = {ErrorCode::eval_cancel, stopped.message, {}, 0, 0, {}, {}};
  } catch (const MemoryLimit&) {
    state.error = {
        ErrorCode::limit_memory, "the evaluation needs too much memory", {}, 0, 0, {}, {}};
  } catch (const std::bad_alloc&) {
    state.error = {ErrorCode::limit_memory, "out of memory", {}, 0, 0, {}, {}};
  }
  std::fill(state.running.begin(), state.running.end(), false);
  return &state.error;
}

Value* input_slots(const Data& data, Context::State& state) {
  return state.values.data() + data.code.input / sizeof(Value);
}

/// Has the constants of a program where its code reads them.
[[gnu::noinline, gnu::cold]] void use_code(const ir::Program& program, const Data& data,
                                           Context::State& state) {
  state.code = nullptr;  // until all of it is there
  state.values.assign(data.code.values, Value());
  std::copy(program.constants.begin(), program.constants.end(), state.values.begin());
  state.running.assign(program.functions.size(), false);
  state.memo_slots.assign(program.memo_slots, {});
  state.filled_slots.clear();
  for (const ir::InputRecord& made : program.input_records)
    state.filled_slots.emplace_back(made.nodes.size());
  state.shown_data = nullptr;
  state.code = &data.code;
}

/// The same for the base documents.
[[gnu::noinline, gnu::cold]] void show_data(const Data& data, Context::State& state) {
  state.shown_data = data.slots.data();
  for (auto& members : state.filled_slots) std::fill(members.begin(), members.end(), FilledSlots());
  std::copy(data.slots.begin(), data.slots.end(),
            state.values.data() + data.code.data / sizeof(Value));
}

void begin(const ir::Program& program, const Data& data, const Options& options,
           Context::State& state) {
  state.arena.reset();
  state.arena.set_limit(options.limits.memory_bytes);
  state.environment.now_ns = state.now_ns;
  state.environment.print = options.print;
  state.environment.listener = &options.listener;
  state.environment.lines = &state.printed;
  if (program.prints) state.printed.clear();
  state.environment.runtime = options.runtime;
  state.environment.allowed_hosts = options.capabilities ? options.capabilities->hosts() : nullptr;
  if (!state.environment.remembered.empty()) state.environment.remembered.clear();
  state.environment.stable = nullptr;
  if (!state.environment.memories.empty()) state.environment.memories.clear();
  state.environment.is_cancelled = state.is_cancelled;
  ++state.epoch;
  if (state.code != &data.code) use_code(program, data, state);
  if (state.shown_data != data.slots.data()) show_data(data, state);
}

const Error* out_of_memory(Context::State& state) {
  state.error = {ErrorCode::limit_memory, "out of memory", {}, 0, 0, {}, {}};
  return &state.error;
}

Value root_of(const ir::Program& program, const Value* input_slots) {
  const json::Shape::Node& root = program.input.nodes[0];
  return root.whole ? input_slots[root.slot] : Value();
}

}  // namespace

Data::Data(const ir::Program& program, Value document)
    : code(program), builtins(program.builtins->all().data()), root(document) {
  for (const auto& path : program.data) slots.push_back(lookup_path(root, path));
  if (program.shown_data) slots[*program.shown_data] = shown_data(arena, root);
  for (const ir::RowIndex& index : program.row_indexes)
    row_tables.push_back(make_row_table(arena, slots[index.slot], index));
}

Context::Context() : state(std::make_unique<State>()) {}
Context::~Context() = default;
const builtins::Environment& Context::environment() const { return state->environment; }
const std::vector<std::string>& Context::printed() const { return state->printed; }
void Context::set_time(std::int64_t now_ns) { state->now_ns = now_ns; }
void Context::set_cancel(const std::function<bool()>* is_cancelled) {
  state->is_cancelled = is_cancelled;
}
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;

const Error* eval_into(const ir::Program& program, const Data& data, std::string_view input,
                       const Options& options, Context& context, Value& out) {
  Context::State& state = *context.state;
  Value* slots = nullptr;
  try {
    begin(program, data, options, state);
    slots = input_slots(data, state);
    const Error* bad = state.reader.read_slots(input, program.input, state.arena, slots);
    if (bad) return bad;
  } catch (const MemoryLimit&) {
    state.error = {ErrorCode::limit_memory, "the input needs too much memory", {}, 0, 0, {}, {}};
    return &state.error;
  } catch (const std::bad_alloc&) {
    return out_of_memory(state);
  }
  return run(program, data, options, state, root_of(program, slots), true, out);
}

Result<Value> eval_text(const ir::Program& program, const Data& data, const std::string_view* input,
                        const Options& options, Context& context) {
  if (input == nullptr) return eval_value(program, data, Value(), options, context);
  Value out;
  if (const Error* error = eval_into(program, data, *input, options, context, out)) return *error;
  return out;
}

const Error* eval_into(const ir::Program& program, const Data& data, const Value* read_slots,
                       const Options& options, Context& context, Value& out) {
  Context::State& state = *context.state;
  try {
    begin(program, data, options, state);
  } catch (const std::bad_alloc&) {
    return out_of_memory(state);
  }
  std::copy(read_slots, read_slots + program.input.slot_count, input_slots(data, state));
  return run(program, data, options, state, root_of(program, read_slots), true, out);
}

const Error* eval_into(const ir::Program& program, const Data& data, const Value& input,
                       const Options& options, Context& context, Value& out) {
  Context::State& state = *context.state;
  try {
    begin(program, data, options, state);
  } catch (const std::bad_alloc&) {
    return out_of_memory(state);
  }
  json::fill_slots(program.input, input, input_slots(data, state));
  return run(program, data, options, state, input, !input.is_undefined(), out);
}

Result<Value> eval_value(const ir::Program& program, const Data& data, Value input,
                         const Options& options, Context& context) {
  Value out;
  if (const Error* error = eval_into(program, data, input, options, context, out)) return *error;
  return out;
}

}  // namespace lictor::eval
