#include "builtins/host.hpp"

#include "lictor/host_function.hpp"
#include "value/hash.hpp"

namespace lictor {

struct HostCallAccess {
  static HostCall make(builtins::Call& call) {
    return HostCall(call.args, Builder(call.arena), &call);
  }
  static builtins::Call& of(const HostCall& call) {
    return *static_cast<builtins::Call*>(call.state_);
  }
};

namespace {

builtins::Call& of(const HostCall& call) { return HostCallAccess::of(call); }

}  // namespace

Value HostCall::fail(std::string_view message, ErrorCode code) {
  of(*this).environment.message = message;  // also for who asks later, strictly
  return of(*this).fail(message, code);
}

std::string HostCall::location() const {
  const builtins::Call& call = of(*this);
  return call.location ? (*call.location)() : std::string();
}

std::shared_ptr<void>& HostCall::memory() {
  builtins::Call& call = of(*this);
  return call.environment.memories[call.builtin.host];
}

Value HostCall::halt(std::string_view message, ErrorCode code) {
  return of(*this).halt(code, message);
}

std::int64_t HostCall::now_ns() { return of(*this).environment.now(); }

std::optional<std::chrono::steady_clock::time_point> HostCall::deadline() const noexcept {
  return of(*this).environment.deadline;
}

bool HostCall::is_stopped() const {
  const builtins::Environment& environment = of(*this).environment;
  if (environment.is_cancelled && (*environment.is_cancelled)()) return true;
  return environment.deadline && std::chrono::steady_clock::now() > *environment.deadline;
}

namespace builtins {
namespace {

Value call_once(Call& call) {
  HostCall host_call = HostCallAccess::make(call);
  return call.builtin.host->call(host_call);
}

const StableCall* find(const StableCall* calls, const HostFunction* function, std::uint64_t hash,
                       const Value& arguments) {
  for (; calls; calls = calls->earlier) {
    bool same = calls->function == function && calls->hash == hash;
    if (same && equal(calls->arguments, arguments)) return calls;
  }
  return nullptr;
}

Value replay(const StableCall& earlier, Call& call) {
  if (earlier.halted) return call.halt(earlier.code, earlier.message);
  return earlier.failed ? call.fail(earlier.message, earlier.code) : earlier.value;
}

}  // namespace

Value call_host(Call& call) {
  const HostFunction* function = call.builtin.host;
  if (function->volatility != Volatility::stable) return call_once(call);
  Environment& environment = call.environment;
  Value arguments = make_array(call.arena, call.args.data(), call.args.size());
  std::uint64_t key = hash(arguments);
  if (const StableCall* found = find(environment.stable, function, key, arguments))
    return replay(*found, call);
  Value value = call_once(call);
  std::string_view message = call.failed ? call.arena.copy(environment.message) : "";
  auto* made = call.arena.allocate<StableCall>(1);
  *made = {function, arguments,         key, value, call.failed, call.halted, call.code,
           message,  environment.stable};
  environment.stable = made;
  return value;
}

}  // namespace builtins
}  // namespace lictor
