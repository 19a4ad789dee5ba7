// Asks the system for the bounds of the stack, once a thread, and for threads with larger ones.
#include "base/stack.hpp"

#include <pthread.h>

#include <exception>

namespace lictor {
namespace {

struct Bounds {
  std::uintptr_t lowest = 0;
  std::uintptr_t highest = 0;
};

Bounds bounds_of_thread() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* lowest = nullptr;
  std::size_t size = 0;
  int failed = pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  if (failed != 0) return {};
  auto first = reinterpret_cast<std::uintptr_t>(lowest);
  return {first, first + size};
}

thread_local bool is_large = false;  // the thread's stack

struct Call {
  FunctionRef<void()> work;
  std::exception_ptr failure = nullptr;
};

void* run(void* given) {
  Call& call = *static_cast<Call*>(given);
  is_large = true;
  try {
    call.work();
  } catch (...) {
    call.failure = std::current_exception();
  }
  return nullptr;
}

}  // namespace

std::size_t stack_left() {
  thread_local const Bounds bounds = bounds_of_thread();
  std::uintptr_t here = stack_position();
  return here > bounds.lowest && here <= bounds.highest ? here - bounds.lowest : 0;
}

bool on_large_stack(FunctionRef<void()> work) {
  if (is_large) {
    work();
    return true;
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, large_stack_bytes);
  Call call{work};
  pthread_t thread;
  int failed = pthread_create(&thread, &attributes, run, &call);
  pthread_attr_destroy(&attributes);
  if (failed != 0) return false;
  pthread_join(thread, nullptr);
  if (call.failure) std::rethrow_exception(call.failure);
  return true;
}

}  // namespace lictor
