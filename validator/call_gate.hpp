// Which calls of an object may run: all between open() and shut(), and none else.
// In: each call, as a Pass for as long as it runs. Out: whether it may go on; and drain(), which
// returns when no call runs any more.
// INVARIANT: a Pass touches the gate no later than drain() of another thread returns, so that the
// gate can be destroyed then. Safe for many threads; costs two atomic operations a call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace lictor::validator {

class CallGate {
 public:
  /// A call on this thread. Passes of one thread are nested.
  class Pass {
   public:
    explicit Pass(CallGate& gate);
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    /// False if the gate was shut when the call began: it must not go on.
    bool is_open() const noexcept { return open_; }

   private:
    friend class CallGate;
    CallGate& gate_;
    const Pass* outer_;
    bool open_;
  };

  void open() noexcept;
  /// Refuses the calls that begin from now on.
  void shut() noexcept;
  bool is_open() const noexcept { return (word_.load() & shut_bit) == 0; }
  /// Waits until no call runs but those that this thread is in. The gate must be shut until then.
  void drain();
  /// True within a call on this thread.
  bool is_inside() const noexcept { return own_calls() != 0; }

 private:
  static constexpr std::uint64_t shut_bit = 1, one_call = 2;

  void leave();
  std::uint64_t own_calls() const noexcept;

  std::atomic<std::uint64_t> word_{shut_bit};  // the number of calls, and whether it is shut
  std::mutex mutex_;
  std::condition_variable left_;
};

}  // namespace lictor::validator
