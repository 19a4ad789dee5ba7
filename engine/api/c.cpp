// The C interface over the C++ one. INVARIANT: every function that may throw is wrapped by
// guarded() or quiet(), so that nothing leaves.
#include "lictor/c.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "base/arena.hpp"
#include "lictor/lictor.hpp"

using lictor::Value;

struct lictor_engine {
  lictor::Engine engine;
};

struct lictor_policy {
  lictor::Policy policy;
};

struct lictor_evaluator {
  explicit lictor_evaluator(const lictor::Policy& policy) : evaluator(policy) {}
  lictor::Evaluator evaluator;
  std::string json;
  std::function<bool()> is_cancelled;
};

struct lictor_builder {
  std::optional<lictor::Builder> own;
  lictor::Builder* values;
  bool out_of_memory = false;
};

struct lictor_call {
  lictor::HostCall* call;
  lictor_builder builder;
};

struct lictor_error {
  std::string code;
  std::string message;
};

namespace {

static_assert(sizeof(lictor_value) == sizeof(Value));

lictor_value to_c(const Value& value) {
  lictor_value out;
  std::memcpy(&out, &value, sizeof out);
  return out;
}

Value to_value(const lictor_value& value) {
  Value out;
  std::memcpy(static_cast<void*>(&out), &value, sizeof out);
  return out;
}

std::string_view to_view(lictor_text text) {
  return text.size ? std::string_view(text.data, text.size) : std::string_view();
}

std::string to_string(lictor_text text) { return std::string(to_view(text)); }

lictor_text to_c(std::string_view text) { return {text.data(), text.size()}; }

lictor_status fail(std::string_view code, std::string_view message, lictor_error** out) noexcept {
  if (out == nullptr) return LICTOR_ERROR;
  *out = nullptr;
  try {
    *out = new lictor_error{std::string(code), std::string(message)};
  } catch (...) {
  }
  return LICTOR_ERROR;
}

lictor_status fail(const lictor::Error& error, lictor_error** out) {
  return fail(lictor::code_name(error.code), error.render(), out);
}

/// Runs what may throw, as an error.
template <typename Work>
lictor_status guarded(lictor_error** error, Work&& work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail("lictor_memory_limit", "out of memory", error);
  } catch (const lictor::MemoryLimit&) {
    return fail("lictor_memory_limit", "the memory limit is reached", error);
  } catch (const std::exception& exception) {
    return fail("eval_internal_error", exception.what(), error);
  } catch (...) {
    return fail("eval_internal_error", "unknown exception", error);
  }
}

/// Runs what may throw; returns `otherwise` then.
template <typename Result, typename Work>
Result quiet(Result otherwise, Work&& work) noexcept {
  try {
    return work();
  } catch (...) {
    return otherwise;
  }
}

/// Runs what makes a value. What a call's builder has no memory for ends the evaluation later.
template <typename Work>
lictor_value made(lictor_builder* builder, Work&& work) noexcept {
  try {
    return to_c(work(*builder->values));
  } catch (...) {
    builder->out_of_memory = true;
    return to_c(Value());
  }
}

/// Copies of parts; null if one of them is undefined.
std::optional<std::vector<Value>> parts(const lictor_value* items, std::size_t count) {
  std::vector<Value> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(to_value(items[i]));
    if (out.back().is_undefined()) return std::nullopt;
  }
  return out;
}

char* copy_text(const std::string& text) {
  auto* out = static_cast<char*>(std::malloc(text.size() + 1));
  if (out) std::memcpy(out, text.c_str(), text.size() + 1);
  return out;
}

lictor::Volatility to_volatility(lictor_volatility volatility) {
  switch (volatility) {
    case LICTOR_IMMUTABLE:
      return lictor::Volatility::immutable;
    case LICTOR_STABLE:
      return lictor::Volatility::stable;
    default:
      return lictor::Volatility::changing;
  }
}

/// Calls a function that cannot throw; what it had no memory for is thrown when it has returned.
Value call_function(lictor_function function, void* user, lictor::HostCall& call) {
  lictor_call handle{&call, {std::nullopt, &call.make(), false}};
  Value out = to_value(function(&handle, user));
  if (handle.builder.out_of_memory) throw lictor::MemoryLimit{};
  return out;
}

template <typename Input>
lictor_status decide(lictor_evaluator* evaluator, const Input& input, lictor_value* out,
                     lictor_error** error) {
  return guarded(error, [&] {
    Value value;
    if (const lictor::Error* failed = evaluator->evaluator.decide(input, value))
      return fail(*failed, error);
    *out = to_c(value);
    return value.is_undefined() ? LICTOR_UNDEFINED : LICTOR_OK;
  });
}

}  // namespace

extern "C" {

uint32_t lictor_abi_version(void) { return 2; }

/* ---- Errors ---- */

const char* lictor_error_code(const lictor_error* error) { return error->code.c_str(); }
const char* lictor_error_message(const lictor_error* error) { return error->message.c_str(); }
void lictor_error_free(lictor_error* error) { delete error; }

/* ---- Values ---- */

lictor_kind lictor_value_kind(lictor_value value) {
  return static_cast<lictor_kind>(to_value(value).kind());
}

int lictor_value_boolean(lictor_value value, int* out) {
  std::optional<bool> found = lictor::boolean_of(to_value(value));
  if (found) *out = *found;
  return found.has_value();
}

int lictor_value_integer(lictor_value value, int64_t* out) {
  return quiet(0, [&]() -> int {
    std::optional<std::int64_t> found = lictor::integer_of(to_value(value));
    if (found) *out = *found;
    return found.has_value();
  });
}

int lictor_value_double(lictor_value value, double* out) {
  return quiet(0, [&]() -> int {
    std::optional<double> found = lictor::double_of(to_value(value));
    if (found) *out = *found;
    return found.has_value();
  });
}

int lictor_value_string(lictor_value value, lictor_text* out) {
  std::optional<std::string_view> found = lictor::string_of(to_value(value));
  if (found) *out = to_c(*found);
  return found.has_value();
}

size_t lictor_value_size(lictor_value value) {
  Value of = to_value(value);
  return of.is_collection() ? of.size() : 0;
}

lictor_value lictor_value_item(lictor_value value, size_t index) {
  Value of = to_value(value);
  bool has_item = (of.is(lictor::Kind::array) || of.is(lictor::Kind::set)) && index < of.size();
  return to_c(has_item ? of.items()[index] : Value());
}

int lictor_value_member(lictor_value value, size_t index, lictor_value* key, lictor_value* out) {
  Value of = to_value(value);
  if (!of.is(lictor::Kind::object) || index >= of.size()) return 0;
  return quiet(0, [&] {
    lictor::Member member = lictor::object_member(of, static_cast<std::uint32_t>(index));
    *key = to_c(member.key);
    *out = to_c(member.value);
    return 1;
  });
}

lictor_value lictor_value_lookup(lictor_value value, lictor_text key) {
  return quiet(to_c(Value()), [&] { return to_c(lictor::lookup(to_value(value), to_view(key))); });
}

char* lictor_value_json(lictor_value value) {
  return quiet<char*>(nullptr, [&] { return copy_text(lictor::to_json(to_value(value))); });
}

lictor_value lictor_undefined(void) { return to_c(Value()); }
lictor_value lictor_null(void) { return to_c(Value::null()); }
lictor_value lictor_boolean(int value) { return to_c(Value::boolean(value != 0)); }
lictor_value lictor_integer(int64_t value) { return to_c(Value::integer(value)); }

lictor_builder* lictor_builder_new(void) {
  return quiet<lictor_builder*>(nullptr, [] {
    auto out = std::make_unique<lictor_builder>();
    out->values = &out->own.emplace();
    return out.release();
  });
}

void lictor_builder_clear(lictor_builder* builder) {
  if (builder->own) builder->values->clear();
}

void lictor_builder_free(lictor_builder* builder) {
  if (builder && builder->own) delete builder;
}

lictor_value lictor_make_string(lictor_builder* builder, lictor_text text) {
  return made(builder, [&](lictor::Builder& values) { return values.string(to_view(text)); });
}

lictor_value lictor_make_double(lictor_builder* builder, double number) {
  return made(builder, [&](lictor::Builder& values) { return values.number(number); });
}

lictor_value lictor_make_number(lictor_builder* builder, lictor_text text) {
  return made(builder, [&](lictor::Builder& values) { return values.number(to_view(text)); });
}

lictor_value lictor_make_array(lictor_builder* builder, const lictor_value* items, size_t count) {
  return made(builder, [&](lictor::Builder& values) {
    auto copies = parts(items, count);
    return copies ? values.array(*copies) : Value();
  });
}

lictor_value lictor_make_set(lictor_builder* builder, const lictor_value* items, size_t count) {
  return made(builder, [&](lictor::Builder& values) {
    auto copies = parts(items, count);
    return copies ? values.set(*copies) : Value();
  });
}

lictor_value lictor_make_object(lictor_builder* builder, const lictor_value* keys,
                                const lictor_value* values, size_t count) {
  return made(builder, [&](lictor::Builder& builds) {
    auto left = parts(keys, count), right = parts(values, count);
    if (!left || !right) return Value();
    std::vector<lictor::Member> members;
    for (std::size_t i = 0; i < count; ++i) members.push_back({(*left)[i], (*right)[i]});
    return builds.object(members);
  });
}

lictor_status lictor_make_json(lictor_builder* builder, lictor_text json, lictor_value* out,
                               lictor_error** error) {
  return guarded(error, [&] {
    auto read = builder->values->from_json(to_view(json));
    if (!read) return fail(read.error(), error);
    *out = to_c(*read);
    return LICTOR_OK;
  });
}

/* ---- Compiling ---- */

lictor_engine* lictor_engine_new(const lictor_options* options) {
  return quiet<lictor_engine*>(nullptr, [&] {
    lictor::EngineOptions out;
    if (options) {
      out.v0_compatible = options->v0_compatible != 0;
      out.strict = options->strict != 0;
      out.strict_builtin_errors = options->strict_builtin_errors != 0;
      out.print = options->print != 0;
    }
    return new lictor_engine{lictor::Engine(out)};
  });
}

void lictor_engine_free(lictor_engine* engine) { delete engine; }

lictor_status lictor_add_module(lictor_engine* engine, lictor_text name, lictor_text source,
                                lictor_error** error) {
  return guarded(error, [&] {
    engine->engine.add_module(to_string(name), to_string(source));
    return LICTOR_OK;
  });
}

lictor_status lictor_add_data(lictor_engine* engine, lictor_text json, lictor_error** error) {
  return guarded(error, [&] {
    engine->engine.add_data(to_string(json));
    return LICTOR_OK;
  });
}

lictor_status lictor_compile(lictor_engine* engine, lictor_text entrypoint, lictor_policy** out,
                             lictor_error** error) {
  return guarded(error, [&] {
    auto policy = engine->engine.compile(to_string(entrypoint));
    if (!policy) return fail(policy.error(), error);
    *out = new lictor_policy{*policy};
    return LICTOR_OK;
  });
}

void lictor_policy_free(lictor_policy* policy) { delete policy; }

/* ---- Host functions ---- */

lictor_status lictor_add_function(lictor_engine* engine, lictor_text name, lictor_text signature,
                                  lictor_volatility volatility, lictor_function function,
                                  void* user, void (*free_user)(void*), lictor_error** error) {
  return guarded(error, [&] {
    std::shared_ptr<void> owner;
    if (free_user) owner = std::shared_ptr<void>(user, free_user);
    lictor::HostFunction out{to_string(name), to_string(signature), nullptr,
                             to_volatility(volatility)};
    if (function) {
      out.call = [function, user, owner](lictor::HostCall& call) {
        return call_function(function, user, call);
      };
    }
    std::optional<lictor::Error> refused = engine->engine.add_function(out);
    return refused ? fail(*refused, error) : LICTOR_OK;
  });
}

size_t lictor_call_size(const lictor_call* call) { return call->call->size(); }

lictor_value lictor_call_argument(const lictor_call* call, size_t index) {
  return to_c(index < call->call->size() ? (*call->call)[index] : Value());
}

lictor_builder* lictor_call_builder(lictor_call* call) { return &call->builder; }

lictor_value lictor_call_fail(lictor_call* call, lictor_text message) {
  return made(&call->builder, [&](lictor::Builder&) { return call->call->fail(to_view(message)); });
}

lictor_value lictor_call_halt(lictor_call* call, lictor_text message) {
  return made(&call->builder, [&](lictor::Builder&) { return call->call->halt(to_view(message)); });
}

int64_t lictor_call_now(lictor_call* call) { return call->call->now_ns(); }

int lictor_call_is_stopped(const lictor_call* call) {
  return quiet(1, [&]() -> int { return call->call->is_stopped(); });
}

/* ---- Deciding ---- */

lictor_status lictor_eval(const lictor_policy* policy, lictor_text input, char** json, size_t* size,
                          lictor_error** error) {
  return guarded(error, [&] {
    auto decision = policy->policy.eval(to_view(input));
    if (!decision) return fail(decision.error(), error);
    if (decision->is_undefined()) return LICTOR_UNDEFINED;
    std::string text = decision->to_json();
    *json = copy_text(text);
    if (*json == nullptr) throw std::bad_alloc();
    if (size) *size = text.size();
    return LICTOR_OK;
  });
}

void lictor_free(void* memory) { std::free(memory); }

lictor_status lictor_evaluator_new(const lictor_policy* policy, lictor_evaluator** out,
                                   lictor_error** error) {
  return guarded(error, [&] {
    *out = new lictor_evaluator(policy->policy);
    return LICTOR_OK;
  });
}

void lictor_evaluator_free(lictor_evaluator* evaluator) { delete evaluator; }

lictor_status lictor_decide(lictor_evaluator* evaluator, lictor_text input, lictor_value* out,
                            lictor_error** error) {
  return decide(evaluator, to_view(input), out, error);
}

lictor_status lictor_decide_value(lictor_evaluator* evaluator, lictor_value input,
                                  lictor_value* out, lictor_error** error) {
  return decide(evaluator, to_value(input), out, error);
}

lictor_status lictor_decide_json(lictor_evaluator* evaluator, lictor_text input, lictor_text* out,
                                 lictor_error** error) {
  return guarded(error, [&] {
    if (const lictor::Error* failed = evaluator->evaluator.decide(to_view(input), evaluator->json))
      return fail(*failed, error);
    *out = to_c(evaluator->json);
    return evaluator->json.empty() ? LICTOR_UNDEFINED : LICTOR_OK;
  });
}

void lictor_evaluator_set_limits(lictor_evaluator* evaluator, lictor_limits limits) {
  lictor::Limits out;
  out.instructions = limits.steps;
  out.memory_bytes = limits.memory_bytes ? limits.memory_bytes : SIZE_MAX;
  out.time = std::chrono::nanoseconds(limits.time_ns);
  evaluator->evaluator.set_limits(out);
}

void lictor_evaluator_set_time(lictor_evaluator* evaluator, int64_t now_ns) {
  evaluator->evaluator.set_time(now_ns);
}

lictor_status lictor_evaluator_set_cancel(lictor_evaluator* evaluator, int (*is_cancelled)(void*),
                                          void* user, lictor_error** error) {
  return guarded(error, [&] {
    evaluator->is_cancelled = nullptr;
    if (is_cancelled)
      evaluator->is_cancelled = [is_cancelled, user] { return is_cancelled(user) != 0; };
    evaluator->evaluator.set_cancel(is_cancelled ? &evaluator->is_cancelled : nullptr);
    return LICTOR_OK;
  });
}

}  // extern "C"
