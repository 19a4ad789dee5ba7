// Compiled patterns of one thread, made when first asked for. In: a pattern in some notation, and
// what compiles it. Out: what it was compiled to, until the next call.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace lictor::builtins {

/// An RE2 without messages on standard error, or null if the pattern is too large for it.
inline std::unique_ptr<RE2> compile_re2(const std::string& pattern) {
  for (std::int64_t most_memory : {std::int64_t{64} << 20, std::int64_t{512} << 20}) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(most_memory);
    auto out = std::make_unique<RE2>(pattern, options);
    if (out->ok()) return out;
  }
  return nullptr;
}

/// Keeps as many patterns as fit; a Compiled has its `re2`, which may be null.
template <typename Compiled>
class PatternCache {
 public:
  using Compile = Compiled (*)(std::string_view pattern);

  explicit PatternCache(Compile compile) : compile_(compile) {}

  const Compiled& get(std::string_view pattern) {
    constexpr std::size_t most = 4000, most_instructions = 4'000'000;
    std::string key(pattern);
    auto found = compiled_.find(key);
    if (found != compiled_.end()) return found->second;
    Compiled made = compile_(pattern);
    std::size_t size = made.re2 ? static_cast<std::size_t>(made.re2->ProgramSize()) : 0;
    if (compiled_.size() >= most || instructions_ + size > most_instructions) {
      compiled_.clear();
      instructions_ = 0;
    }
    instructions_ += size;
    return compiled_.emplace(std::move(key), std::move(made)).first->second;
  }

 private:
  Compile compile_;
  std::unordered_map<std::string, Compiled> compiled_;
  std::size_t instructions_ = 0;  // of all patterns that are kept
};

}  // namespace lictor::builtins
