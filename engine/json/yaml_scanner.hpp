// YAML text → tokens, one at a time. In: bytes in UTF-8, or UTF-16 with a byte-order mark. Out:
// tokens with their places, or a thrown Problem. Entry point: Scanner.
// INVARIANT: accepts and refuses what go.yaml.in/yaml/v3 does, in the same order: the text is
// decoded in pieces of the same size, and as many tokens are scanned ahead. libyaml 0.2.5
// cannot replace it: it takes "\/" in quotes, "%YAML 1.2" and [a?b], which OPA refuses, and
// decodes larger pieces, so that another of two errors comes first. Source: go-yaml v3.0.6,
// readerc.go and scannerc.go.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lictor::yaml {

struct Mark {
  std::size_t index = 0;  // in characters
  int line = 0;           // 0-based
  int column = 0;         // 0-based, in characters
};

/// Why a text is not YAML.
struct Problem {
  enum class Stage { reader, scanner, parser };
  Stage stage;
  std::string text;
  Mark context;  // where the construct begins that is wrong
  Mark at;
};

/// Decoded characters, with a position. Beyond the end there are NULs.
class Characters {
 public:
  explicit Characters(std::string_view raw) : raw_(raw) {}

  /// Makes sure that `count` characters can be looked at; throws Problem.
  void need(int count) {
    if (unread_ < count) fill(count);
  }

  char peek(std::size_t offset = 0) const {
    std::size_t place = place_ + offset;
    return place < text_.size() ? text_[place] : '\0';
  }
  bool is_space() const { return peek() == ' '; }
  bool is_tab() const { return peek() == '\t'; }
  bool is_blank(std::size_t offset = 0) const {
    return peek(offset) == ' ' || peek(offset) == '\t';
  }
  bool is_end(std::size_t offset = 0) const { return peek(offset) == '\0'; }
  bool is_break(std::size_t offset = 0) const;
  bool is_break_or_end(std::size_t offset = 0) const { return is_break(offset) || is_end(offset); }
  bool ends_word(std::size_t offset = 0) const {
    return is_blank(offset) || is_break_or_end(offset);
  }
  /// Letters, digits, '_' and '-'.
  bool is_word() const;
  bool is_digit() const { return peek() >= '0' && peek() <= '9'; }
  /// True for --- or ... as a line of its own.
  bool at_document_marker() const;
  bool at_marker(char c) const;
  /// True if the piece of text that was decoded last begins with a byte-order mark.
  bool piece_starts_with_mark() const;

  void skip();
  void skip(int count) {
    while (count-- > 0) skip();
  }
  void skip_line();
  void read_to(std::string& out);
  /// Appends a line break: LF, or the separators of lines and paragraphs as they are.
  void read_line_to(std::string& out);

  const Mark& mark() const { return mark_; }
  /// Moves the mark to the start of the next line, for the end of the text.
  void end_line();
  /// Line breaks since the last character that is neither blank nor a break.
  int new_lines() const { return new_lines_; }

 private:
  enum class Encoding { unknown, utf8, utf16_little, utf16_big };

  void fill(int count);
  void load();
  void find_encoding();
  void decode();
  bool decode_utf8(char32_t& code, std::size_t& size) const;
  bool decode_utf16(char32_t& code, std::size_t& size) const;

  std::string_view raw_;
  std::size_t raw_begin_ = 0, raw_end_ = 0;  // loaded and not yet decoded
  bool loaded_all_ = false;
  Encoding encoding_ = Encoding::unknown;
  std::string text_;
  std::size_t place_ = 0, piece_ = 0;
  int unread_ = 0;
  int new_lines_ = 0;
  Mark mark_;
};

struct Token {
  enum class Kind {
    stream_end,
    version_directive,
    tag_directive,
    document_start,
    document_end,
    block_sequence_start,
    block_mapping_start,
    block_end,
    flow_sequence_start,
    flow_sequence_end,
    flow_mapping_start,
    flow_mapping_end,
    block_entry,
    flow_entry,
    key,
    value,
    alias,
    anchor,
    tag,
    scalar
  };
  enum class Style { plain, quoted, block };

  Kind kind = Kind::stream_end;
  Mark start, end;
  std::string text;    // of a scalar, the name of an anchor, the handle of a tag
  std::string suffix;  // of a tag; the prefix of a directive
  Style style = Style::plain;
  int major = 0, minor = 0;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : in_(text) {}

  const Token& peek() {
    if (!available_) fetch_more();
    return tokens_.front();
  }
  void skip();
  /// Throws what a look ahead met, once all tokens before it have been used.
  void report_pending() const {
    if (has_pending_) throw pending_;
  }

 private:
  using Kind = Token::Kind;

  struct SimpleKey {
    bool possible = false, required = false;
    std::size_t token = 0;
    Mark mark;
  };

  [[noreturn]] void fail(const Mark& context, std::string text) const;
  bool in_flow() const { return flow_level_ > 0; }

  void fetch_more();
  void fetch_next();
  void fetch_content();
  void fetch_directive();
  void fetch_document_marker(Kind kind);
  void fetch_flow_start(Kind kind);
  void fetch_flow_end(Kind kind);
  void fetch_flow_entry();
  void fetch_block_entry();
  void fetch_key();
  void fetch_value();
  void fetch_stream_end();
  bool starts_plain() const;

  std::size_t next_number() const { return parsed_ + tokens_.size(); }
  void insert(std::size_t number, Token token);
  void append(Token token) { tokens_.push_back(std::move(token)); }
  void append_indicator(Kind kind, int width = 1);

  bool is_valid(SimpleKey& key) const;
  void save_simple_key();
  void remove_simple_key();
  void forget(const SimpleKey& key) { keys_by_token_.erase(key.token); }
  void roll_indent(int column, std::size_t number, Kind kind, const Mark& mark);
  void unroll_indent(int column, Mark mark);

  void skip_to_token();
  bool find_comment(int& offset, int from);
  void skip_comments();
  void skip_line_comment();
  void skip_comment_at(int offset);
  void skip_blanks();
  void skip_rest_of_line(const Mark& start);

  Token scan_directive();
  int scan_version_number(const Mark& start);
  void scan_tag_directive(Token& token);
  Token scan_anchor(Kind kind);
  Token scan_tag();
  std::string scan_tag_handle(bool directive, const Mark& start);
  std::string scan_tag_uri(std::string_view head, const Mark& start);
  void scan_uri_escapes(std::string& out, const Mark& start);
  Token scan_block_scalar(bool literal);
  void scan_block_header(int& chomping, int& increment, const Mark& start);
  int scan_indentation_digit(const Mark& start);
  void scan_block_breaks(int& indent, std::string& breaks, const Mark& start);
  Token scan_quoted(bool single);
  bool scan_quoted_word(std::string& out, bool single, const Mark& start);
  void scan_escape(std::string& out, const Mark& start);
  void scan_code(std::string& out, int digits, const Mark& start);
  Token scan_plain();
  bool ends_plain() const;
  /// Blanks and breaks between words; returns whether a line ended.
  struct Gap {
    std::string blanks, first_break, more_breaks;
    bool new_line = false;
    /// Appends it as folding has it and clears it.
    void fold_into(std::string& out);
  };
  void scan_gap(Gap& gap, int indent, const Mark* plain_start);

  Characters in_;
  std::deque<Token> tokens_;
  std::size_t parsed_ = 0;  // tokens that were taken off the queue
  bool available_ = false;
  int indent_ = -1;
  std::vector<int> indents_;
  int flow_level_ = 0;
  bool key_allowed_ = true;
  std::vector<SimpleKey> keys_{1};
  std::unordered_map<std::size_t, std::size_t> keys_by_token_;
  bool has_pending_ = false;
  Problem pending_{};
};

}  // namespace lictor::yaml
