// How much of the calling thread's stack is left, for recursion over hostile input.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lictor {

/// An address in the caller's frame; stacks grow downwards.
[[gnu::always_inline]] inline std::uintptr_t stack_position() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

/// Bytes between here and the end of the stack. Slow: it asks the system.
std::size_t stack_left();

}  // namespace lictor
