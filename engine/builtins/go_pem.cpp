#include "builtins/go_pem.hpp"

#include <algorithm>

#include "base/base64.hpp"

namespace lictor::builtins {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "\n-----END ", dashes = "-----";

/// Takes a line off the text: without its line break and the blanks before it.
std::string_view take_line(std::string_view& text) {
  std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.size() < end + 1 && line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return line;
}

std::string without_blanks(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == ' ' || c == '\t'; });
  return out;
}

/// Reads the block that ends with one END mark, if there is a whole one.
class BlockReader {
 public:
  BlockReader(std::string_view text, std::size_t end_at) : text_(text), end_at_(end_at) {}

  enum class Outcome { block, none, end_of_text };

  Outcome run() {
    std::size_t begin = text_.substr(0, end_at_).rfind(begin_mark);
    if (begin == std::string_view::npos || (begin > 0 && text_[begin - 1] != '\n'))
      return Outcome::none;
    rest_ = text_.substr(begin + begin_mark.size());
    std::string_view type = take_line(rest_);
    if (!type.ends_with(dashes)) return Outcome::none;
    type.remove_suffix(dashes.size());
    if (!skip_headers()) return Outcome::end_of_text;
    if (body_at() > trailer_at()) return Outcome::end_of_text;
    if ((has_headers_ && body_at() > end_at_) || !ends_with_type(type)) return Outcome::none;
    block_.type = type;
    return read_body() ? Outcome::block : Outcome::none;
  }

  PemBlock take_block() { return std::move(block_); }
  std::string_view after_block() {
    std::string_view rest = text_.substr(end_at_ + 1);
    take_line(rest);
    return rest;
  }

 private:
  std::size_t body_at() const { return text_.size() - rest_.size(); }
  std::size_t trailer_at() const { return end_at_ + end_mark.size(); }

  /// False at the end of the text.
  bool skip_headers() {
    while (true) {
      if (rest_.empty()) return false;
      std::string_view next = rest_;
      if (take_line(next).find(':') == std::string_view::npos) return true;
      has_headers_ = true;
      rest_ = next;
    }
  }

  /// True if the END line names the type and has only blanks after it.
  bool ends_with_type(std::string_view type) const {
    std::string_view trailer = text_.substr(trailer_at());
    if (!trailer.starts_with(type) || !trailer.substr(type.size()).starts_with(dashes))
      return false;
    trailer.remove_prefix(type.size() + dashes.size());
    return take_line(trailer).empty();
  }

  bool read_body() {
    if (end_at_ <= body_at()) return true;
    std::string body = without_blanks(text_.substr(body_at(), end_at_ - body_at()));
    std::optional<std::string> bytes = Base64Decoder(body, base64_standard).run();
    if (bytes) block_.bytes = std::move(*bytes);
    return bytes.has_value();
  }

  std::string_view text_, rest_;
  std::size_t end_at_;  // where the END mark's line break is
  bool has_headers_ = false;
  PemBlock block_;
};

}  // namespace

PemDecoding decode_pem(std::string_view text) {
  std::string_view rest = text;
  while (true) {
    std::size_t end_at = rest.find(end_mark);
    if (end_at == std::string_view::npos) return {std::nullopt, text};
    BlockReader reader(rest, end_at);
    switch (reader.run()) {
      case BlockReader::Outcome::end_of_text:
        return {std::nullopt, text};
      case BlockReader::Outcome::block:
        return {reader.take_block(), reader.after_block()};
      case BlockReader::Outcome::none:
        rest.remove_prefix(end_at + end_mark.size());
    }
  }
}

std::string encode_pem(std::string_view type, std::string_view bytes) {
  constexpr std::size_t line = 64;
  std::string body = encode_base64(bytes, base64_standard, true);
  std::string out = "-----BEGIN " + std::string(type) + "-----\n";
  for (std::size_t at = 0; at < body.size(); at += line) out += body.substr(at, line) + "\n";
  return out + "-----END " + std::string(type) + "-----\n";
}

}  // namespace lictor::builtins
