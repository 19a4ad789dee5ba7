// Asks the system for the bounds of the stack.
#include "base/stack.hpp"

#include <pthread.h>

namespace lictor {

std::size_t stack_left() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  std::size_t size = 0;
  int failed = pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return failed != 0 ? 0 : stack_position() - reinterpret_cast<std::uintptr_t>(lowest);
}

}  // namespace lictor
