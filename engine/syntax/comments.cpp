// A sharp sign starts a comment unless it stands in a string; the expressions of a template string
// are code again.
#include "syntax/comments.hpp"

#include <algorithm>

#include "base/unicode.hpp"

namespace lictor::syntax {
namespace {

class CommentScanner {
 public:
  explicit CommentScanner(const Source& source) : source_(source), text_(source.text) {}

  std::vector<Comment> scan() {
    code(false);
    return std::move(out_);
  }

 private:
  bool done() const { return at_ >= text_.size(); }

  /// Code up to the end, or with `in_template` to the brace that closes its expression.
  void code(bool in_template) {
    for (int braces = 0; !done();) {
      char c = text_[at_++];
      if (c == '\n') {
        ++row_;
        line_ = at_;
      } else if (c == '#') {
        comment();
      } else if (c == '$' && !done() && (text_[at_] == '"' || text_[at_] == '`')) {
        template_string(text_[at_++]);
      } else if (c == '"' || c == '`') {
        string(c);
      } else if (c == '{') {
        ++braces;
      } else if (c == '}' && in_template && braces-- == 0) {
        return;
      }
    }
  }

  void comment() {
    std::size_t first = at_ - 1;
    at_ = std::min(text_.find('\n', first), text_.size());
    std::size_t last = at_;
    bool lone = last == first + 2;  // what follows the sharp sign is kept unless it is that alone
    while (last > first + (lone ? 1 : 2) && text_[last - 1] == '\r') --last;
    Span span{&source_, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
    std::size_t before = count_runes(text_.substr(line_, first - line_));
    out_.push_back({span, row_, static_cast<std::uint32_t>(before + 1)});
  }

  /// A character of a string that is none of its ends.
  void string_character(char quote) {
    if (text_[at_] == '\n') {
      ++row_;
      line_ = at_ + 1;
    }
    at_ += text_[at_] == '\\' && quote == '"' ? 2 : 1;
  }

  void string(char quote) {
    while (!done() && text_[at_] != quote) string_character(quote);
    ++at_;
  }

  void template_string(char quote) {
    while (!done() && text_[at_] != quote) {
      if (text_[at_] == '{') {
        ++at_;
        code(true);
      } else if (text_.substr(at_, 2) == "\\{") {
        at_ += 2;
      } else {
        string_character(quote);
      }
    }
    ++at_;
  }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;  // where the line begins
  std::uint32_t row_ = 1;
  std::vector<Comment> out_;
};

}  // namespace

std::vector<Comment> comments(const Source& source) { return CommentScanner(source).scan(); }

}  // namespace lictor::syntax
