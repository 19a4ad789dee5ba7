// The JSON reader that OPA's token library uses to look into headers and key sets: it takes more
// than JSON, and a member's first value counts. In: a text. Out: the members of its object.
// Source: github.com/valyala/fastjson, parser.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lictor::builtins {

class LenientJson {
 public:
  explicit LenientJson(std::string_view text);

  /// The library's words for what is wrong with the text, or "".
  const std::string& error() const { return error_; }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The text of a member; nothing, with the library's words in `wrong`, if it has none.
  std::optional<std::string> text_of(std::string_view name, std::string& wrong) const;

 private:
  struct Member {
    std::string_view name;  // with its escapes
    std::string_view text;  // of a string, with its escapes
    const char* kind;
  };

  bool fail(const char* text);
  void skip_space();
  bool at_end() const { return rest_.empty(); }
  bool take(char c);
  bool read_value(int depth);
  bool read_object(int depth);
  bool read_array(int depth);
  bool read_word(std::string_view word, const char* kind);
  bool read_null();
  bool read_number();
  bool read_string(std::string_view& out);
  const Member* find(std::string_view name) const;

  std::string_view rest_;
  std::vector<Member> members_;
  std::string_view text_;      // of the last value, if it is a string
  const char* kind_ = "null";  // of the last value
  std::string error_;
};

}  // namespace lictor::builtins
