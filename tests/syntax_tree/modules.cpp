#include "modules.hpp"

#include <cctype>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

namespace lictor::tests {

void read_modules(const char* path, std::set<ModuleText>& out) {
  std::ifstream cases(path);
  for (std::string line; std::getline(cases, line);) {
    nlohmann::json one = nlohmann::json::parse(line);
    if (!one.contains("modules") || one["modules"].is_null()) continue;
    for (const nlohmann::json& module : one["modules"])
      out.insert({module.get<std::string>(), one["version"] == "v0"});
  }
}

namespace {

template <typename Items>
auto pick(const Items& items, Random& random) {
  return items[random() % std::size(items)];
}

bool chance(Random& random, unsigned of) { return random() % of == 0; }

/// Writes forms of the language at random; what it writes need not be allowed.
class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}

  ModuleText module() {
    v0_ = chance(random_, 6);
    std::string out = "package " + std::string(chance(random_, 8) ? "a.if[\"b-c\"]" : "p") + "\n\n";
    static const char* const imports[] = {"rego.v1",
                                          "rego.v2",
                                          "future.keywords",
                                          "future.keywords.in",
                                          "future.keywords.not",
                                          "future.keywords.and",
                                          "future.keywords.or",
                                          "future.keywords.every",
                                          "data.x",
                                          "input.y as z",
                                          "data.a.b as c"};
    for (std::size_t count = random_() % 3; count > 0; --count)
      out += "import " + std::string(pick(imports, random_)) + "\n";
    for (std::size_t count = 1 + random_() % 3; count > 0; --count) {
      if (chance(random_, 5)) out += metadata();
      out += "\n" + rule() + "\n";
    }
    return {out, v0_};
  }

  std::string query() {
    std::string out = literal(2);
    for (std::size_t count = random_() % 3; count > 0; --count) {
      static const char* const between[] = {" ", "; ", "\n", " ;\n", "\t", " # c\n"};
      out += pick(between, random_) + literal(2);
    }
    return out;
  }

 private:
  std::string metadata() {
    static const char* const blocks[] = {"# METADATA\n# title: x\n",
                                         "# METADATA\n# scope: document\n",
                                         "# METADATA\n# scope: rule\n# title: y\n\n",
                                         "# a comment\n",
                                         "#\n",
                                         "# METADATA\n# title: [x\n"};
    return pick(blocks, random_);
  }

  /// A blank, or what may be in its place.
  std::string gap() {
    if (!chance(random_, 12)) return " ";
    static const char* const gaps[] = {"\n", " # c\n", "\n\n", "\t", "  ", "\r\n", "\n# d\n\t"};
    return pick(gaps, random_);
  }
  std::string no_gap() { return chance(random_, 25) ? gap() : ""; }

  std::string name() {
    static const char* const names[] = {"x", "y", "z",     "k",    "v",     "f",  "g",   "p",
                                        "q", "_", "input", "data", "input", "x1", "set", "count"};
    if (chance(random_, 40)) return keyword();
    return pick(names, random_);
  }

  std::string keyword() {
    static const char* const words[] = {"if",   "in",      "every",  "contains", "not",     "some",
                                        "with", "as",      "import", "else",     "package", "null",
                                        "true", "default", "and",    "or",       "false"};
    return pick(words, random_);
  }

  std::string number() {
    static const char* const numbers[] = {"0",  "1",   "-1",  "- 1",  "1.5",
                                          ".5", "-.5", "1e3", "2E-1", "10"};
    return pick(numbers, random_);
  }

  std::string string() {
    static const char* const strings[] = {"\"\"",        "\"a\"",   "\"a b\"", "`raw`", "`a\nb`",
                                          "\"\\u00e9\"", "\"\\n\"", "\"é\"",   "\"#\"", "\"{\""};
    return pick(strings, random_);
  }

  std::string list(int depth, std::size_t most) {
    std::string out;
    std::size_t count = random_() % (most + 1);
    for (std::size_t i = 0; i < count; ++i) out += (i ? "," + gap() : "") + infix(depth);
    if (count > 0 && chance(random_, 15)) out += ",";
    return out;
  }

  std::string pairs(int depth) {
    std::string out;
    std::size_t count = random_() % 3;
    for (std::size_t i = 0; i < count; ++i)
      out += (i ? "," + gap() : "") + infix(depth) + ":" + gap() + infix(depth);
    return out;
  }

  std::string template_string(int depth) {
    bool raw = chance(random_, 4);
    std::string out = raw ? "$`" : "$\"";
    for (std::size_t count = random_() % 3; count > 0; --count) {
      static const char* const texts[] = {"", "a", "-", "\\{", "é", " "};
      out += pick(texts, random_);
      out += "{" + no_gap() + (chance(random_, 12) ? literal(depth - 1) : infix(depth - 1)) +
             no_gap() + "}";
    }
    static const char* const ends[] = {"", "b", "#"};
    return out + pick(ends, random_) + (raw ? "`" : "\"");
  }

  std::string ref(int depth) {
    std::string out = name();
    for (std::size_t count = random_() % 3; count > 0; --count) {
      if (chance(random_, 2))
        out += "." + (chance(random_, 10) ? keyword() : "a");
      else
        out += "[" + no_gap() + infix(depth - 1) + "]";
    }
    return out;
  }

  std::string call(int depth) {
    static const char* const names[] = {"count",  "f",        "f.g",  "data.p.f",  "and",
                                        "or",     "contains", "set",  "plus",      "eq",
                                        "assign", "print",    "walk", "startswith"};
    std::string out = std::string(pick(names, random_)) + "(" + no_gap() + list(depth - 1, 2) + ")";
    if (chance(random_, 10)) out += "[0]";
    return out;
  }

  std::string closure(int depth) {
    std::string inside = gap() + "|" + gap() + body(depth - 1) + no_gap();
    switch (random_() % 3) {
      case 0:
        return "[" + no_gap() + term(depth - 1) + inside + "]";
      case 1:
        return "{" + no_gap() + term(depth - 1) + inside + "}";
      default:
        return "{" + no_gap() + term(depth - 1) + ":" + gap() + term(depth - 1) + inside + "}";
    }
  }

  std::string term(int depth) {
    if (depth <= 0) return chance(random_, 3) ? number() : chance(random_, 2) ? string() : name();
    switch (random_() % 16) {
      case 0:
      case 1:
        return number();
      case 2:
        return string();
      case 3:
      case 4:
      case 5:
        return ref(depth);
      case 6:
        return call(depth);
      case 7:
        return "[" + no_gap() + list(depth - 1, 3) + no_gap() + "]";
      case 8:
        return "{" + no_gap() + list(depth - 1, 3) + no_gap() + "}";
      case 9:
        return "{" + no_gap() + pairs(depth - 1) + no_gap() + "}";
      case 10:
        return closure(depth);
      case 11:
        return template_string(depth);
      case 12:
        return "(" + no_gap() + infix(depth - 1) + no_gap() + ")";
      case 13:
        return "-" + no_gap() + (chance(random_, 2) ? ref(depth) : call(depth));
      case 14:
        return chance(random_, 2) ? "true" : "null";
      default:
        return name();
    }
  }

  std::string infix(int depth) {
    std::string out = term(depth);
    while (chance(random_, 4)) {
      static const char* const operators[] = {"+", "-",  "*",  "/", "%",  "|",
                                              "&", "==", "!=", "<", ">=", "in"};
      out += gap() + pick(operators, random_) + gap() + term(depth - 1);
    }
    if (chance(random_, 20)) out += ", " + term(depth - 1) + " in " + term(depth - 1);
    return out;
  }

  std::string braces(int depth) { return "{" + gap() + body(depth) + gap() + "}"; }

  std::string expression(int depth) {
    switch (random_() % 14) {
      case 0:
        return "some" + gap() + name();
      case 1:
        return "some" + gap() + name() + ", " + name();
      case 2:
        return "some" + gap() + name() + gap() + "in" + gap() + infix(depth);
      case 3:
        return "some k, v in" + gap() + infix(depth);
      case 4:
        return "every" + gap() + name() + gap() + "in" + gap() + term(depth) + gap() +
               braces(depth - 1);
      case 5:
        return "every k, v in" + gap() + term(depth) + " " + braces(depth - 1);
      case 6:
      case 7:
        return name() + gap() + ":=" + gap() + infix(depth);
      case 8:
        return infix(depth) + gap() + "=" + gap() + infix(depth);
      case 9:
        return "not" + gap() + (chance(random_, 3) ? braces(depth - 1) : infix(depth));
      case 10:
        return "print(" + list(depth, 2) + ")";
      default:
        return infix(depth);
    }
  }

  std::string operand(int depth) {
    if (depth > 0 && chance(random_, 5)) return braces(depth - 1);
    if (depth > 0 && chance(random_, 5)) return "(" + logical(depth - 1) + ")";
    return chance(random_, 6) ? "not " + infix(depth) : infix(depth);
  }

  std::string logical(int depth) {
    std::string out = operand(depth);
    while (chance(random_, 2))
      out += gap() + (chance(random_, 2) ? "and" : "or") + gap() + operand(depth);
    return out;
  }

  std::string literal(int depth) {
    std::string out = chance(random_, 8) ? logical(depth) : expression(depth);
    while (chance(random_, 10)) {
      static const char* const targets[] = {"input",    "input.x", "data.p.q", "count", "f",
                                            "contains", "x",       "data.if",  "\"s\""};
      out +=
          gap() + "with" + gap() + pick(targets, random_) + gap() + "as" + gap() + infix(depth - 1);
    }
    return out;
  }

  std::string body(int depth) {
    std::string out = literal(depth);
    for (std::size_t count = random_() % 2; count > 0; --count) {
      static const char* const between[] = {"; ", "\n\t", ";\n", " # c\n", "\n\n\t"};
      out += pick(between, random_) + literal(depth);
    }
    return out;
  }

  std::string value() { return (chance(random_, 4) ? " = " : " := ") + infix(2); }

  std::string head() {
    std::string name = chance(random_, 20) ? keyword() : std::string(1, "rpfg"[random_() % 4]);
    switch (random_() % 10) {
      case 0:
        return name + "(" + list(1, 2) + ")" + value();
      case 1:
        return name + "(" + list(1, 2) + ")";
      case 2:
        return name + " contains " + infix(2);
      case 3:
        return name + "[" + infix(1) + "]";
      case 4:
        return name + "[" + infix(1) + "]" + value();
      case 5:
        return name + ".a." + (chance(random_, 3) ? keyword() : "b") + value();
      case 6:
        return name + ".a[" + infix(1) + "]" + (chance(random_, 2) ? "" : value());
      case 7:
        return name + ".a(" + list(1, 2) + ")" + (chance(random_, 2) ? "" : value());
      case 8:
        return name + value();
      default:
        return name;
    }
  }

  std::string rule_body() {
    switch (random_() % 4) {
      case 0:
        return (v0_ || chance(random_, 8) ? "" : "if ") + braces(2);
      case 1:
        return "if {\n\t" + body(2) + "\n}";
      case 2:
        return "if" + gap() + literal(2);
      default:
        return "if " + literal(2);
    }
  }

  std::string rule() {
    if (chance(random_, 8)) return "default " + head();
    std::string out = head();
    if (chance(random_, 3)) return out;
    out += gap() + rule_body();
    while (chance(random_, 5))
      out += gap() + "else" + (chance(random_, 2) ? value() : "") +
             (chance(random_, 4) ? "" : gap() + rule_body());
    while (chance(random_, 20)) out += gap() + braces(2);
    return out;
  }

  Random& random_;
  bool v0_ = false;
};

}  // namespace

ModuleText generated_module(Random& random) { return Generator(random).module(); }
std::string generated_query(Random& random) { return Generator(random).query(); }

std::vector<std::string> tokens(const std::string& text) {
  std::vector<std::string> out;
  auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           static_cast<signed char>(c) < 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (is_word(text[at]))
      while (end < text.size() && is_word(text[end])) ++end;
    else if (text[at] == '"' && text.find('"', end) != text.npos &&
             text.find('"', end) < text.find('\n', end))
      end = text.find('"', end) + 1;
    else if (text[at] == ':' && text.substr(at, 2) == ":=")
      ++end;
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string out;
  for (const std::string& token : tokens) out += token;
  return out;
}

std::string mutated(const std::string& text, Random& random) {
  static const char* const pool[] = {"if",
                                     "in",
                                     "every",
                                     "contains",
                                     "not",
                                     "some",
                                     "with",
                                     "as",
                                     "import",
                                     "package",
                                     "else",
                                     "default",
                                     "null",
                                     "true",
                                     "false",
                                     "and",
                                     "or",
                                     "{",
                                     "}",
                                     "[",
                                     "]",
                                     "(",
                                     ")",
                                     ",",
                                     ":",
                                     ":=",
                                     "=",
                                     "==",
                                     "!=",
                                     "<",
                                     ">",
                                     "<=",
                                     ">=",
                                     "+",
                                     "-",
                                     "*",
                                     "/",
                                     "%",
                                     "&",
                                     "|",
                                     ".",
                                     ";",
                                     "!",
                                     "$",
                                     "$\"",
                                     "$`",
                                     "\"",
                                     "`",
                                     "\\",
                                     "'",
                                     "\"s\"",
                                     "`r`",
                                     "$\"{x}\"",
                                     "$\"a\"",
                                     "1",
                                     "01",
                                     "1.",
                                     "1e",
                                     "0x1",
                                     ".5",
                                     "-1",
                                     "1e999999",
                                     "x",
                                     "_",
                                     "input",
                                     "data",
                                     "set()",
                                     "f(",
                                     "f()",
                                     "# c\n",
                                     "#",
                                     "\n",
                                     "\r\n",
                                     "\t",
                                     " ",
                                     "é",
                                     "\xc2\xa0",
                                     "\xef\xbb\xbf",
                                     "x٣",
                                     "with input as ",
                                     "some x in ",
                                     "every x in ",
                                     " else := ",
                                     " if ",
                                     "{}",
                                     "{1 | true}",
                                     "not ",
                                     "import rego.v1\n",
                                     "import rego.v2\n",
                                     "import future.keywords\n",
                                     "import future.keywords.not\n",
                                     "import data.if\n",
                                     "print(",
                                     " and ",
                                     " or ",
                                     "@",
                                     "~",
                                     "^",
                                     "?"};
  std::vector<std::string> all = tokens(text);
  for (std::size_t changes = 1 + random() % 3; changes > 0 && !all.empty(); --changes) {
    auto at = static_cast<std::ptrdiff_t>(random() % all.size());
    auto some = std::min<std::ptrdiff_t>(1 + static_cast<std::ptrdiff_t>(random() % 6),
                                         static_cast<std::ptrdiff_t>(all.size()) - at);
    switch (random() % 7) {
      case 0:
        all.erase(all.begin() + at);
        break;
      case 1:
      case 2:
        all.insert(all.begin() + at, pick(pool, random));
        break;
      case 3:
        all[static_cast<std::size_t>(at)] = pick(pool, random);
        break;
      case 4:
        all.insert(all.begin() + at, std::string(all[random() % all.size()]));
        break;
      case 5:
        all.erase(all.begin() + at, all.begin() + at + some);
        break;
      default:
        std::swap(all[static_cast<std::size_t>(at)], all[random() % all.size()]);
    }
  }
  return joined(all);
}

}  // namespace lictor::tests
