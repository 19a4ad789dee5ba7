// Times calls of builtins, request text → decision text, one call in each decision. In: cases. Out:
// JSON of their times, or files for OPA to be timed on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lictor::bench {

/// Requests of a case, which are decided in turn.
constexpr std::size_t request_count = 16;

struct Case {
  std::string name;
  std::string rule;  // the body of `allow`, which must be true for each request
  std::string data;
  std::vector<std::string> requests;
};

/// The program of `cases`: without arguments it prints {case: nanoseconds}, medians over rounds;
/// with `--write DIR` it writes each case's policy, data and requests. Returns the exit status.
int run_calls(int argc, char** argv, const std::vector<Case>& cases);

std::string json_text(std::string_view text);
[[noreturn]] void fail(const std::string& what);

}  // namespace lictor::bench
