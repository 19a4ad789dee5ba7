// gzip streams. In: compressed bytes. Out: at most so many bytes, or Go's words for what is wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lictor::http {

/// Returns "", Go's words, or those of too_large(); what was read before an error is in `out`.
std::string gunzip(std::string_view compressed, std::size_t max_bytes, std::string& out);

std::string too_large(std::size_t max_bytes);

}  // namespace lictor::http
