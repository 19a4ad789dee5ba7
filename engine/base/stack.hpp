// Stack for recursion over hostile input: how much the calling thread has left, and a thread with
// more. A caller's thread may have as little as 128 KiB.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/function_ref.hpp"

namespace lictor {

/// An address in the caller's frame; stacks grow downwards.
[[gnu::always_inline]] inline std::uintptr_t stack_position() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

/// The size of the large stack, of which the system gives memory only as it is touched.
constexpr std::size_t large_stack_bytes = std::size_t{1} << 30;

/// Bytes between here and the end of the stack; 0 on a stack that is not the thread's own, such as
/// that of a coroutine.
std::size_t stack_left();

/// Calls `work` on a thread with a large stack, and waits for it; at once where that is the calling
/// thread. An exception that leaves `work` leaves this too. False if the system gives no such
/// thread: `work` was not called.
bool on_large_stack(FunctionRef<void()> work);

/// Calls `work` where at least `bytes` of stack are left: here, or as above. False if there is no
/// such place.
inline bool with_stack(std::size_t bytes, FunctionRef<void()> work) {
  if (stack_left() < bytes) return bytes <= large_stack_bytes && on_large_stack(work);
  work();
  return true;
}

}  // namespace lictor
