#include "builtins/network_text.hpp"

#include <arpa/inet.h>

#include "base/go_address.hpp"

namespace lictor::builtins {
namespace {

unsigned group_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned>(static_cast<unsigned char>(bytes[2 * i]) << 8 |
                               static_cast<unsigned char>(bytes[2 * i + 1]));
}

struct Run {
  std::size_t start = 0, size = 0;
};

/// The first of the longest runs of groups that are zero, if it is longer than one.
Run longest_zeros(std::string_view bytes) {
  Run longest;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t size = 0;
    while (i + size < 8 && group_at(bytes, i + size) == 0) ++size;
    if (size > longest.size && size > 1) longest = {i, size};
    if (size > 0) i += size - 1;
  }
  return longest;
}

std::string hex_number(unsigned number) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), digits[number & 15]);
    number >>= 4;
  } while (number != 0);
  return out;
}

}  // namespace

std::string address_text(std::string_view bytes) {
  std::string out;
  if (bytes.size() == 4) {
    for (char c : bytes)
      out += (out.empty() ? "" : ".") + std::to_string(static_cast<unsigned char>(c));
    return out;
  }
  Run zeros = longest_zeros(bytes);
  for (std::size_t i = 0; i < 8; ++i) {
    if (zeros.size > 0 && i == zeros.start) {
      out += "::";
      i += zeros.size - 1;
    } else {
      if (!out.empty() && out.back() != ':') out += ':';
      out += hex_number(group_at(bytes, i));
    }
  }
  return out;
}

std::optional<std::string> address_bytes(std::string_view text) {
  if (!address_error(text).empty()) return std::nullopt;
  std::string plain(text.substr(0, text.find('%')));
  bool v6 = plain.find(':') != std::string::npos;
  std::string out(v6 ? 16 : 4, '\0');
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, plain.c_str(), out.data()) != 1) return std::nullopt;
  return out;
}

}  // namespace lictor::builtins
