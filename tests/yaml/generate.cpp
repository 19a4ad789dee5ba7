#include "generate.hpp"

#include <iterator>
#include <random>
#include <string_view>

namespace lictor::tests {
namespace {

constexpr std::string_view scalars[] = {"a",
                                        "b",
                                        "x y",
                                        "~",
                                        "null",
                                        "Null",
                                        "true",
                                        "FALSE",
                                        "yes",
                                        "on",
                                        "n",
                                        "0",
                                        "1",
                                        "-1",
                                        "+1",
                                        "01",
                                        "08",
                                        "0x1F",
                                        "0xg",
                                        "0b101",
                                        "0b-1",
                                        "-0b1",
                                        "0o17",
                                        "0o-7",
                                        "-0o7",
                                        "0O7",
                                        "0X1f",
                                        "1_000",
                                        "_1",
                                        "1__2",
                                        "0_",
                                        "+0x1",
                                        "-0x8000000000000000",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "-9223372036854775809",
                                        "+18446744073709551615",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "0xFFFFFFFFFFFFFFFF",
                                        "1.0",
                                        "1.50",
                                        "-.5",
                                        ".5",
                                        "+.5",
                                        "5.",
                                        ".",
                                        "..",
                                        "1e3",
                                        "1E+3",
                                        "1e-7",
                                        "1e21",
                                        "1e400",
                                        "-1e400",
                                        "1e-400",
                                        "1.5e",
                                        ".e1",
                                        "1e1_0",
                                        ".5_0",
                                        ".inf",
                                        "-.INF",
                                        "+.Inf",
                                        ".nan",
                                        ".NAN",
                                        "-0",
                                        "-0.0",
                                        "0.1",
                                        "123456789.123456789",
                                        "3.4028235e39",
                                        "16777217.0",
                                        "2024-01-01",
                                        "2024-1-2",
                                        "2024-13-01",
                                        "2024-02-30",
                                        "2024-02-29 1:2:3",
                                        "2024-01-01T00:00:00Z",
                                        "2024-01-01t1:2:3.456789012345+05:30",
                                        "2024-01-01T1:2:3,5-24:00",
                                        "2024-01-01   3:4:5",
                                        "0000-01-01",
                                        "2024-01-01T24:00:00Z",
                                        "12:30:45",
                                        "1:2",
                                        "<<",
                                        "=",
                                        "é",
                                        "日本",
                                        "\xF0\x9F\x98\x80",
                                        "a#b",
                                        "a:b",
                                        "-a",
                                        "?a",
                                        ":a",
                                        "-",
                                        "?",
                                        ":",
                                        "''",
                                        "'it''s'",
                                        "'a\n b'",
                                        "\"a\\n\\x41\\u00e9\\U0001F600\"",
                                        "\"\\/\"",
                                        "\"\\q\"",
                                        "\"\\xZZ\"",
                                        "\"\\uD800\"",
                                        "\"a\\\n  b\"",
                                        "\"a\\\n\n  b\"",
                                        "\"tab\\\tx\"",
                                        "\"\"",
                                        "'",
                                        "\"",
                                        "\"a\n\n b\"",
                                        "'a\n---\nb'",
                                        "@a",
                                        "`a",
                                        "%a",
                                        "a%",
                                        "!",
                                        "\"\\0\"",
                                        "\"\\e\\_\\N\\L\\P\"",
                                        "hello world",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        ",",
                                        "a, b",
                                        "a]b",
                                        "{{.a}}",
                                        "{{.a}} {{b}}",
                                        "%zz",
                                        "%d %s",
                                        "x\u2028y",
                                        "x\u0085y",
                                        "\uFEFF"};

constexpr std::string_view snippets[] = {
    "a:\n\tb",
    "- a\n-\tb",
    "%YAML 1.1\n---\na: 1\n",
    "%YAML 1.2\n---\na: 1\n",
    "%YAML 1.1\n%YAML 1.1\n---\na",
    "%TAG ! !foo\n---\n!bar x\n",
    "%TAG !e! tag:yaml.org,2002:\n---\n!e!int 5\n",
    "%TAG !e! tag:e,2000:\n%TAG !e! x\n---\na",
    "%FOO x\n---\na",
    "%YAML 1\n---\na",
    "%YAML 100.1\n--- a",
    "%TAG !e\n---\na",
    "a: !!int x\n",
    "a: !!int 5\nb: !!float 5\nc: !!str 5\n",
    "a: !!float 0xFFFFFFFFFFFFFFFF\n",
    "a: !!binary aGk=\n",
    "a: !!binary aGk\n",
    "a: !!binary |\n  aGk\n  =\n",
    "a: !!binary /w==\n",
    "a: !!timestamp 2024-01-01\n",
    "a: !!timestamp x\n",
    "!!timestamp 2024-01-01: a\n",
    "a: ! 5\n",
    "a: ! 2024-01-01\n",
    "a: !!bool yes\n",
    "a: !!bool true\n",
    "a: !!null ''\n",
    "a: !!null x\n",
    "a: !!null ~\n",
    "a: !!map {b: 1}\n",
    "a: !!set {b, c}\n",
    "a: !!omap [b: 1]\n",
    "a: !foo x\nb: !foo [1]\n",
    "!foo a: b\n",
    "!!str [a]: b\n",
    "!!str {a: b}: c\n",
    "a: !<tag:yaml.org,2002:int> 5\n",
    "a: !<> 5\n",
    "a: !<x 5\n",
    "a: !!\n",
    "a: !e!x y\n",
    "a: !a%41 b\n",
    "a: !a%4 b\n",
    "a: !!int\n",
    "a: !!str\nb: !x\n",
    "a: !!merge x\n",
    "!!merge x: {a: 1}\n",
    "!!merge x: {a: 1}\n<<: {b: 2}\n",
    "a: &x 1\nb: *x\n",
    "a: &x [1, *x]\n",
    "a: *y\n",
    "&a a: *a\n",
    "&a a: 1\n*a : 2\n",
    "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n",
    "<<: {a: 1}\na: 2\n",
    "<<: [{a: 1}, {a: 2, b: 3}]\n",
    "<<: {a: 1}\n<<: {b: 2}\n",
    "<<: 1\n",
    "<<: [1]\n",
    "<<: []\n",
    "<<:\n",
    "'<<': {a: 1}\n",
    "a: &x {1: p, true: q, 2.5: r, ~: s}\nb:\n  <<: *x\n  c: d\n",
    "<<: {<<: {a: 1, b: 2}, b: 3}\nc: 4\n",
    "a: &x [1]\nb:\n  <<: *x\n",
    "1: a\n<<: {1: b, '1': c, 2: d}\n",
    "&x <<: {a: 1}\nb: *x\n",
    "a: 1\na: 2\n",
    "{a: 1, a: 2}",
    "1: a\n'1': b\n",
    "1.0: a\n'1.0': b\n",
    "~: a\n",
    "? ~\n: a\n",
    "? [1, 2]\n: v\n",
    "? {a: 1}\n: v\n",
    "[1]: v\n",
    "{1: 2}: v\n",
    "? \n",
    "? a\n",
    "? a\n? b\n",
    ": a\n",
    "{? a, ? b : c}",
    "{a, b: , : c, ? }",
    "[a: b, ? c, ? d : e, : f]",
    "2024-01-01: a\n2024-01-01: b\n",
    "~: a\n~: b\n",
    "[a]: b\n[c]: d\n",
    "true: a\n1e3: b\n.inf: c\n.nan: d\n16777217.0: e\n0x10: f\n",
    "!!binary aGk=: b\n",
    "a\n---\nb\n",
    "---\n---\na\n",
    "--- a\n... \n--- b\n",
    "a\n...\n",
    "...\n",
    "---\n",
    "--- |\n a\n",
    "--- >\n a\n b\n",
    "---a\n",
    "...a\n",
    "a: 1\n--- x: 2\n",
    "a\n...\nb\n",
    "a\n... b\n",
    "--- # c\na\n",
    "a: b\n---\n\tb: 2\n",
    "a: |\n  x\n  y\n",
    "a: >\n  x\n  y\n\n  z\n",
    "a: |-\n  x\n",
    "a: |+\n  x\n\n",
    "a: |2\n   x\n",
    "a: |0\n x\n",
    "a: |-2\n  x\n",
    "a: |2-\n  x\n",
    "a: |x\n",
    "a: | # c\n  x\n",
    "a: |#c\n  x\n",
    "a: |\n\tx\n",
    "a: |\n x\n\ty\n",
    "a: >\n  x\n   y\n  z\n",
    "a: >-\n\n  x\n\n\n",
    "- |\n a\n- b\n",
    "|\n",
    ">",
    "a: |\n\n\n",
    "a: |\n  x\n z\n",
    "a: >\n x\n\n\n y\n",
    "- a\n- b\n",
    "-\n-\n",
    "- - a\n  - b\n",
    "- a: 1\n  b: 2\n",
    "a:\n- b\n- c\nd: e\n",
    "a:\n  - b\n - c\n",
    "- a\nb: c\n",
    "a: b\n- c\n",
    "a: - b\n",
    "a: b: c\n",
    "a\nb\n",
    "a\n b: c\n",
    "a:\n  b\n c\n",
    "  a:\nb: 1\n",
    "a:b\n",
    "a : b\n",
    "a :b\n",
    "\"a\":b\n",
    "{\"a\":b}",
    "{a:b}",
    "[a,b,]",
    "[,]",
    "[a,,b]",
    "{,}",
    "[a\n",
    "{a: b\n",
    "a: [b\nc: d\n",
    "a]\n",
    "}\n",
    "[a, [b, {c: d}], {e: [f]}]",
    "[a b, c\n d]",
    "[a # x\n, b]",
    "[\ta,\n\tb\n]",
    "{a: b,\n\tc: d}",
    "[a]b",
    "[a] b",
    "[a]:b",
    "{a: 1}: 2\n",
    "[]: 1\n",
    "[,]: b\n",
    "[-]",
    "[- a]",
    "[?a]",
    "[a?b]",
    "[a:b]",
    "[::]",
    "{a: - b}",
    "[|\n a]",
    "[\"a\":b]",
    "[\"a\" :b]",
    "*a*",
    "&a",
    "&a &b c",
    "&a *b",
    "!a !b c",
    "&a !b c",
    "!b &a c",
    "&a\n- b",
    "&a\nb: c",
    "&a [b]",
    "a: &x\nb: *x\n",
    "- &x\n- *x\n",
    "*x: a\n",
    "&a: b\n",
    "&é a",
    "* a",
    "# c\na: 1 # d\n# e\n",
    "a: # c\n  b\n",
    "- # c\n  - a\n",
    "# a\n\t# b\na: 1",
    "?\t# c\n  a\n",
    "a:\t# c\n",
    "- \t# c\n  a\n",
    "a: 'b'#c\n",
    "a: b #c\n",
    "#",
    "# a",
    "a:\n  # x\n\n  # y\n b: 1",
    "- a\n # b\n  # c\n-\n",
    "[a, # b\n# c\n]",
    "a: 1\n\n#b\n\n\n#c\n",
    "\xEF\xBB\xBF"
    "a: 1\n",
    "\xEF\xBB\xBF\xEF\xBB\xBF"
    "a: 1\nb: 2\n",
    "a: 1\n\xEF\xBB\xBF"
    "b: 2\n",
    "\xFF\xFE"
    "a\0:\0 \0"
    "1\0",
    "a\rb: c\r",
    "a: b\r\nc: d\r\n",
    "a: \x07",
    "a\x01",
    "\x7F",
    "a: \xC2\x80",
    "a\xFF",
    "\xC3",
    "a: \xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "a: \xEF\xBF\xBE",
    "\t",
    " \t a",
    "\ta: b",
    "a:\n \tb: c",
    "a: b\n\tc",
    "a: 'b\n\tc'",
    "a: b\n \t c\n",
    "a:\n  b: c\n\td: e\n",
    "",
    " ",
    "\n\n",
    "\\",
    "\"a",
    "'a",
    "\"a\\",
    "a: b\n  c: d\n",
    "a:\n    b: c\n  d: e\n",
    "key: &a !!map\n",
    "- ? a\n  : b\n",
    "? - a\n: - b\n",
    "? |\n  a\n: b\n",
    "a: *x b",
    "a\n\n\nb",
    "a: >2\n\n  x"};

constexpr std::string_view pieces[] = {" ",
                                       "  ",
                                       "\n",
                                       "\n\n",
                                       "\t",
                                       ":",
                                       ": ",
                                       "- ",
                                       "-",
                                       "? ",
                                       "?",
                                       ",",
                                       ", ",
                                       "[",
                                       "]",
                                       "{",
                                       "}",
                                       "#",
                                       " # c\n",
                                       "&a ",
                                       "*a",
                                       "!",
                                       "!!str ",
                                       "!!int ",
                                       "!x ",
                                       "|",
                                       ">",
                                       "|\n",
                                       "'",
                                       "\"",
                                       "\\",
                                       "%",
                                       "---\n",
                                       "...\n",
                                       "<<: ",
                                       "a",
                                       "b",
                                       "1",
                                       "é",
                                       "\r\n",
                                       "\r",
                                       "\xC2\x85",
                                       "\xE2\x80\xA8",
                                       "\xEF\xBB\xBF",
                                       "\x01",
                                       "\xFF",
                                       "~",
                                       "0",
                                       "=",
                                       ".",
                                       "a: ",
                                       "a: b\n",
                                       "\n  ",
                                       "\n ",
                                       "--- ",
                                       "\n---",
                                       "*a :"};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    switch (below(8)) {
      case 0:
        return mutated(std::string(pick(snippets)));
      case 1:
      case 2:
        return mutated(std::string(pick(snippets)) + std::string(pick(snippets)));
      case 3:
        return loose();
      case 4:
        return mutated(block(0, 3));
      case 5:
        return block(0, 3) + (below(4) == 0 ? "\n---\n" + block(0, 2) : "");
      case 6:
        return mutated(flow(3));
      default:
        return below(20) == 0 ? padded() : mutated(mutated(std::string(pick(snippets))));
    }
  }

  std::string document(int depth) {
    std::size_t form = below(depth == 0 ? 6 : 10);
    if (form < 4) return json_text();
    if (form == 4) return json_number();
    if (form == 5) return std::string(pick({"null", "true", "false", "[]", "{}"}));
    bool list = form < 8;
    std::string out = list ? "[" : "{";
    std::size_t count = 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) out += ",";
      if (!list) out += json_text() + ":";
      out += document(depth - 1);
    }
    return out + (list ? "]" : "}");
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  template <typename List>
  std::string_view pick(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }
  std::string_view pick(std::initializer_list<std::string_view> list) {
    return *(list.begin() + below(list.size()));
  }

  std::string mutated(std::string text) {
    for (std::size_t count = below(4); count > 0; --count) {
      std::size_t at = below(text.size() + 1), size = std::min(below(4), text.size() - at);
      switch (below(4)) {
        case 0:
          text.erase(at, size);
          break;
        case 1:
          text.insert(at, pick(pieces));
          break;
        case 2:
          text.replace(at, size, pick(pieces));
          break;
        default:
          text.insert(at, pick(scalars));
      }
    }
    return text;
  }

  std::string loose() {
    std::string out;
    for (std::size_t count = 1 + below(12); count > 0; --count)
      out += below(3) == 0 ? pick(scalars) : pick(pieces);
    return out;
  }

  /// An error or a mark far into the text, where another piece of it is decoded.
  std::string padded() {
    std::string out = "a: " + std::string(440 + below(160), 'x') + "\n";
    return mutated(out + block(0, 2) + std::string(pick(snippets)));
  }

  std::string properties() {
    return std::string(pick({"", "", "", "", "&x ", "!!str ", "!y ", "! ", "&x !!int "}));
  }

  std::string scalar() { return below(12) == 0 ? "*x" : properties() + std::string(pick(scalars)); }

  std::string flow(int depth) {
    std::size_t form = below(depth == 0 ? 1 : 3);
    if (form == 0) return scalar();
    std::string out = properties() + (form == 1 ? "[" : "{");
    std::size_t count = below(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) out += pick({", ", ",", ",\n ", " , # c\n"});
      if (form == 2 || below(5) == 0)
        out += std::string(pick({"", "", "? "})) + flow(0) + std::string(pick({": ", ":", " : "}));
      out += flow(depth - 1);
    }
    return out + (form == 1 ? "]" : "}");
  }

  std::string block(std::size_t indent, int depth) {
    std::size_t form = below(depth == 0 ? 2 : 6);
    if (form == 0) return scalar();
    if (form == 1) return flow(2);
    if (form == 2) return literal(indent);
    std::string out, margin(indent, ' ');
    std::size_t count = 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      out += "\n" + margin;
      if (form == 3) {
        out += "- ";
      } else {
        bool complex = below(8) == 0;
        out += (complex ? "? " : "") + (below(10) == 0 ? "<<" : scalar());
        out += complex ? "\n" + margin + ": " : ": ";
      }
      out += block(indent + 1 + below(3), depth - 1);
      if (below(8) == 0) out += " # c";
    }
    return out;
  }

  std::string literal(std::size_t indent) {
    std::string out(pick({"|", ">", "|-", ">+", "|2", ">-1"})), margin(indent + below(3), ' ');
    for (std::size_t count = below(4); count > 0; --count)
      out += "\n" +
             (below(3) == 0 ? "" : margin + std::string(pick({"x", " y", "# z", "\tw", "- v"})));
    return out;
  }

  std::string json_text() {
    constexpr std::string_view parts[] = {
        " ",       "  ",      "\\n",     "\\n\\n",  "\\t",     ":",       ": ",
        "- ",      "-",       "#",       " #",      "a",       "b c",     "1",
        ".",       "'",       "\\\"",    "\\\\",    "é",       "\\u0085", "\\u2028",
        "\\u00a0", "\\ufeff", "\\u0001", "\\u007f", "\\u0080", "\\ufffe", "\xF0\x9F\x98\x80",
        "\\r",     "\\u001b", "---",     "...",     "%",       "@",       "`",
        "!",       "&",       "*",       "?",       "|",       ">",       "[",
        "]",       "{",       "}",       ",",       "=",       "<<",      "~",
        "<",       "&amp;"};
    std::string out = "\"";
    if (below(3) == 0) {
      for (char c : pick(scalars)) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
          out += "\\n";
        else
          out += c;
      }
      return out + "\"";
    }
    for (std::size_t count = below(6); count > 0; --count) out += pick(parts);
    if (below(30) == 0)
      out += std::string(100 + below(60), 'k') + std::string(pick({"", " x", "\\n"}));
    return out + "\"";
  }

  std::string json_number() {
    return std::string(pick({"0",
                             "-0",
                             "1",
                             "-1",
                             "1.0",
                             "1.50",
                             "1e3",
                             "1E+3",
                             "1e21",
                             "1e20",
                             "1e-7",
                             "0.1",
                             "1e400",
                             "-1e400",
                             "9223372036854775807",
                             "9223372036854775808",
                             "18446744073709551615",
                             "18446744073709551616",
                             "-9223372036854775809",
                             "123456789012",
                             "1234567.5",
                             "0.000001",
                             "3.0e0",
                             "-0.0",
                             "1e-400"}));
  }

  std::mt19937_64 random_;
};

}  // namespace

std::string yaml_text(std::uint64_t seed) { return Generator(seed).text(); }
std::string json_document(std::uint64_t seed) { return Generator(seed).document(3); }

}  // namespace lictor::tests
