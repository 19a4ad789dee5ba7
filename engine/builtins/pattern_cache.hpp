// Compiled patterns of one thread, made when first asked for. In: a pattern in some notation, and
// what translates it to RE2's. Out: an RE2, which may not be ok().
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace lictor::builtins {

class PatternCache {
 public:
  using Translate = std::string (*)(std::string_view pattern);

  explicit PatternCache(Translate translate) : translate_(translate) {}

  const RE2& get(std::string_view pattern) {
    constexpr std::size_t most = 4000;
    constexpr std::int64_t most_memory = 64 << 20;
    auto found = compiled_.find(std::string(pattern));
    if (found != compiled_.end()) return *found->second;
    if (compiled_.size() >= most) compiled_.clear();
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(most_memory);
    auto made = std::make_unique<RE2>(translate_(pattern), options);
    return *(compiled_[std::string(pattern)] = std::move(made));
  }

 private:
  Translate translate_;
  std::unordered_map<std::string, std::unique_ptr<RE2>> compiled_;
};

}  // namespace lictor::builtins
