// The count of calls, and the wait for them.
#include "call_gate.hpp"

namespace lictor::validator {
namespace {

thread_local const CallGate::Pass* innermost = nullptr;

}  // namespace

CallGate::Pass::Pass(CallGate& gate) : gate_(gate), outer_(innermost) {
  open_ = (gate.word_.fetch_add(one_call) & shut_bit) == 0;
  innermost = this;
}

CallGate::Pass::~Pass() {
  innermost = outer_;
  gate_.leave();
}

void CallGate::open() noexcept { word_.fetch_and(~shut_bit); }

void CallGate::shut() noexcept { word_.fetch_or(shut_bit); }

/// While the gate is shut a call leaves under the lock, and drain() looks at the count under it:
/// the gate outlives the unlocking.
void CallGate::leave() {
  std::uint64_t word = word_.load();
  while ((word & shut_bit) == 0) {
    if (word_.compare_exchange_weak(word, word - one_call)) return;
  }
  std::lock_guard lock(mutex_);
  word_.fetch_sub(one_call);
  left_.notify_all();
}

void CallGate::drain() {
  std::uint64_t own = own_calls();
  std::unique_lock lock(mutex_);
  left_.wait(lock, [&] { return word_.load() / one_call <= own; });
}

std::uint64_t CallGate::own_calls() const noexcept {
  std::uint64_t out = 0;
  for (const Pass* pass = innermost; pass; pass = pass->outer_) out += &pass->gate_ == this;
  return out;
}

}  // namespace lictor::validator
