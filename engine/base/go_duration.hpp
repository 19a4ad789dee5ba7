// Go's durations, such as "1h30m". In: a text. Out: nanoseconds, or Go's words for what is wrong.
// Source: Go's package time (1.27), ParseDuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lictor {

/// Returns "" or Go's words.
std::string parse_go_duration(std::string_view text, std::int64_t& out);

/// A text as the errors of Go's package time show it: control characters and those beyond ASCII are
/// written as bytes in hexadecimal.
std::string go_time_quoted(std::string_view text);

}  // namespace lictor
