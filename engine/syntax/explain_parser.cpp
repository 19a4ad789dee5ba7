// Tokens and errors.
#include "syntax/explain_parser.hpp"

#include <algorithm>

#include "syntax/parse_error.hpp"
#include "syntax/parse_state.hpp"

namespace lictor::syntax::explain {

namespace {

constexpr std::size_t most_steps = 1'000'000;
constexpr std::size_t error_text_per_step = 16;

unsigned keywords_at_start(const ParseOptions& options) {
  return options.extra_keywords | (options.dialect == Dialect::v1 ? v1_keywords : 0U);
}

}  // namespace

Parser::Parser(const Source& source, const ParseOptions& options, bool skip_rules)
    : source_(source),
      options_(options),
      skip_rules_(skip_rules),
      not_bodies_((options.extra_keywords & keyword_not) != 0),
      state_(Scanner(source.text, keywords_at_start(options))) {
  scan();
}

std::vector<Comment> Parser::comments() const {
  std::vector<Comment> out = comments_;
  std::erase_if(out,
                [&](const Comment& comment) { return comment.span.first >= state_.place.offset; });
  return out;
}

// ---- Tokens ----

void Parser::scan_token(bool skip_blanks) {
  if (!is(Tok::whitespace)) {
    state_.last_end = state_.token_end;
    state_.skipped_newline = false;
  }
  do {
    take(state_.scanner.next());
    if (is(Tok::whitespace) && state_.lit == "\n") state_.skipped_newline = true;
  } while ((is(Tok::whitespace) && skip_blanks) || is(Tok::comment));
}

void Parser::take(Scanner::Token token) {
  if (++steps_ > most_steps) throw GaveUp{};
  state_.token = token.kind;
  state_.place = token.place;
  state_.lit = token.lit;
  state_.token_end = token.end;
  for (const char* fault : token.faults) fail(state_.place, fault);
  if (!token.faults.empty()) state_.token = Tok::illegal;
  bool is_new = comments_.empty() || comments_.back().span.first < token.place.offset;
  if (!is(Tok::comment) || !is_new) return;
  std::uint32_t first = token.place.offset, last = token.place.last;
  while (last > first + 1 && source_.text[last - 1] == '\r') --last;
  Span span{&source_, first, std::max(first + 1, last)};
  comments_.push_back({span, token.place.row, token.place.col});
}

bool Parser::is_one_of(std::initializer_list<Tok> kinds) const {
  return std::find(kinds.begin(), kinds.end(), state_.token) != kinds.end();
}

Tok Parser::peek(bool skip_blanks) {
  State here = state_;
  scan_token(skip_blanks);
  Tok out = state_.token;
  state_ = std::move(here);
  return out;
}

void Parser::set_range(Location& place, std::uint32_t first, std::uint32_t last) const {
  auto size = static_cast<std::uint32_t>(source_.text.size());
  bool valid = first < size && last >= first && last <= size;
  place.first = valid ? first : 0;
  place.last = valid ? last : 0;
}

std::string Parser::text_of(std::uint32_t first, std::uint32_t last) const {
  Location place;
  set_range(place, first, last);
  return text_of(place);
}

std::string Parser::text_of(const Location& place) const {
  return source_.text.substr(place.first, place.last - place.first);
}

Location Parser::until_here(Location place) const {
  set_range(place, place.offset, state_.last_end);
  return place;
}

bool Parser::is_ref_keyword(Tok token) const {
  if (!options_.language().keywords_in_refs) return false;
  std::string_view name = token_name(token);
  unsigned always = options_.dialect == Dialect::v1 ? v1_keywords : 0U;
  return is_keyword(name, always) || state_.scanner.is_keyword(name);
}

bool Parser::keyword_begins_ref() {
  if (!is_ref_keyword(state_.token)) return false;
  Tok next = peek(false);
  if (next != Tok::dot && next != Tok::left_bracket) return false;
  state_.token = Tok::ident;
  return true;
}

bool Parser::take_keyword_as_name() {
  if (!is(Tok::ident) && !is_ref_keyword(state_.token)) return false;
  state_.token = Tok::ident;
  return true;
}

// ---- Errors ----

void Parser::fail(const Location& place, std::string message) {
  std::string hints;
  for (std::size_t i = 0; i < state_.hints.size(); ++i)
    hints += (i == 0 ? "" : ", ") + state_.hints[i];
  if (!hints.empty())
    message += (state_.hints.size() == 1 ? " (hint: " : " (hints: ") + hints + ")";
  Error error = parse_error_at({&source_, place.offset, place.offset}, std::move(message));
  error.row = place.row;
  error.col = place.col;
  steps_ += error.line.size() / error_text_per_step;
  state_.errors.push_back(std::move(error));
  state_.hints.clear();
}

void Parser::illegal(const std::string& note) {
  if (is(Tok::illegal)) return fail(state_.place, "illegal token");
  std::string text = std::string("unexpected ") + token_name(state_.token) +
                     (is_keyword_token(state_.token) ? " keyword" : " token");
  fail(state_.place, note.empty() ? text : text + ": " + note);
}

}  // namespace lictor::syntax::explain
