// The checks, each for one kind of text.
#include "configuration_checks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace lictor::validator {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Calls `is_part` with each part of a text; false if it is false for one of them.
template <typename IsPart>
bool all_parts(std::string_view text, char separator, const IsPart& is_part) {
  for (;;) {
    std::size_t end = text.find(separator);
    if (!is_part(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_label(std::string_view label) {
  auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), fits);
}

bool is_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253 || !all_parts(text, '.', is_label)) return false;
  // Resolvers read a last label that begins with a digit as part of an address, such as 127.1.
  std::size_t last = text.rfind('.') + 1;
  return !is_digit(text[last]);
}

bool is_ipv6(const std::string& text) {
  in6_addr address;
  return text.find('\0') == std::string::npos && ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_ipv4(const std::string& text) {
  in_addr address;
  return text.find('\0') == std::string::npos && ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

}  // namespace

bool is_ip_address(const std::string& text) { return is_ipv4(text) || is_ipv6(text); }

bool is_host(const std::string& text) {
  if (text.empty()) return false;
  if (text.front() == '[') return text.back() == ']' && is_ipv6(text.substr(1, text.size() - 2));
  return is_ip_address(text) || is_name(text);
}

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_package(std::string_view package) {
  auto is_part = [](std::string_view part) {
    bool odd = std::any_of(part.begin(), part.end(), is_control) ||
               part.find_first_of(" ?#%\"\\<>{}|^`[]") != std::string_view::npos;
    return !part.empty() && part != "." && part != ".." && !odd;
  };
  return all_parts(package, '/', is_part) && is_utf8(package);
}

bool is_json_object(const std::string& text) {
  constexpr int deepest = 100;
  bool too_deep = false;
  auto note_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep |= depth > deepest;
    return !too_deep;
  };
  return nlohmann::json::parse(text, note_depth, false).is_object() && !too_deep;
}

bool is_utf8(std::string_view text) {
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

bool has_certificate(const std::string& file) {
  std::error_code error;
  if (file.find('\0') != std::string::npos || !std::filesystem::is_regular_file(file, error))
    return false;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE-----") != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace lictor::validator
