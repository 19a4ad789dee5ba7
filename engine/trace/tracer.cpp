// Runs the walker on a thread of its own, whose stack is large.
#include "trace/tracer.hpp"

#include <pthread.h>

#include "trace/walker.hpp"

namespace lictor::trace {
namespace {

constexpr std::size_t stack_size = std::size_t{1} << 30;
constexpr std::size_t reserve = std::size_t{1} << 20;

/// Calls `work` on a thread with a stack of stack_size bytes; false if there is none to be had.
bool on_large_stack(const std::function<void()>& work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_size);
  pthread_t thread;
  auto start = [](void* given) -> void* {
    (*static_cast<const std::function<void()>*>(given))();
    return nullptr;
  };
  int failed = pthread_create(&thread, &attributes, start,
                              const_cast<void*>(static_cast<const void*>(&work)));
  pthread_attr_destroy(&attributes);
  if (failed == 0) pthread_join(thread, nullptr);
  return failed == 0;
}

Error gave_up(ErrorCode code) {
  return {code, "the evaluation is too long to be traced", {}, 0, 0, {}, {}};
}

}  // namespace

Walker::Walker(const compile::Checked& checked, const Value& data, const Options& options,
               Arena& arena)
    : checked_(checked), data_(data), options_(options), arena_(arena) {
  deadline_ = std::chrono::steady_clock::now() + options.time;
  if (options.environment) environment_ = *options.environment;
  environment_.print = false;
  add_rules();
  for (const FlatClause* clause : checked.flat->order)
    compile::add_comprehension_keys(*clause->body, clause->args, checked, comprehension_keys_);
}

Result<std::vector<Solution>> Walker::solutions(const compile::CheckedQuery& query,
                                                const Value& input) {
  stack_end_ =
      reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - (stack_size - reserve);
  compile::add_comprehension_keys(*query.traced.body, {}, checked_, comprehension_keys_);
  Bindings bindings;
  Query top;
  top.exprs = &query.traced.body->exprs;
  top.id = next_id_++;
  top.bindings = &bindings;
  top.input = input;
  std::vector<Solution> out;
  auto value_of = [&](const std::string& var) {
    const Item* bound = bindings.find(var);
    return bound ? plugged(*bound) : Value();
  };
  auto tell_body = [&](TraceEvent::Kind kind) { tell(kind, query.traced.body->exprs, top); };
  auto found = [&]() -> Outcome {
    tell_body(TraceEvent::Kind::exit);
    Solution& solution = out.emplace_back();
    for (const std::string& capture : query.traced.captures)
      solution.push_back(capture.empty() ? Value::boolean(true) : value_of(capture));
    for (const std::string& var : query.vars) solution.push_back(value_of(var));
    tell_body(TraceEvent::Kind::redo);
    return nullptr;
  };
  tell_body(TraceEvent::Kind::enter);
  Outcome stop = run(top, found);
  if (options_.strict_builtin_errors && !builtin_errors_.empty()) stop = builtin_errors_[0];
  if (stop == nullptr) return out;
  return stop->kind == Stop::Kind::error ? *stop->error : gave_up(ErrorCode::limit_instructions);
}

Result<std::vector<Solution>> run(const compile::Checked& checked,
                                  const compile::CheckedQuery& query, const Value& data,
                                  const Value& input, const Options& options, Arena& arena) {
  Result<std::vector<Solution>> out = gave_up(ErrorCode::limit_memory);
  on_large_stack([&] {
    try {
      out = Walker(checked, data, options, arena).solutions(query, input);
    } catch (const MemoryLimit&) {
    }
  });
  return out;
}

}  // namespace lictor::trace
