// Reads command lines. Source of the rules and the words: spf13/pflag 1.1.0.
#include "flags.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <utility>

#include "lictor/print.hpp"

namespace lictor::cli {
namespace {

using std::chrono::nanoseconds;

std::string quoted(const std::string& text) { return to_json(Value::string(text)); }

/// A whole number in Go's notation: 10, 0x1F, 0b1, 0o17, 1_000.
std::optional<std::int64_t> parse_integer(std::string text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.erase(0, 1);
  int base = 10;
  static const std::map<std::string, int> prefixes = {{"0x", 16}, {"0X", 16}, {"0b", 2},
                                                      {"0B", 2},  {"0o", 8},  {"0O", 8}};
  auto prefix = prefixes.find(text.substr(0, 2));
  if (prefix != prefixes.end()) {
    base = prefix->second;
    text.erase(0, 2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.erase(0, 1);
  }
  bool separated = base != 10 || prefix != prefixes.end();
  if (text.find("__") != std::string::npos || text.ends_with('_') ||
      (text.starts_with('_') && !separated))
    return std::nullopt;
  std::erase(text, '_');
  if (text.empty() || std::isalnum(static_cast<unsigned char>(text[0])) == 0) return std::nullopt;
  errno = 0;
  char* end = nullptr;
  std::int64_t value = std::strtoll(((negative ? "-" : "") + text).c_str(), &end, base);
  if (*end != '\0' || errno != 0) return std::nullopt;
  return value;
}

std::optional<double> parse_number(const std::string& text) {
  if (text.empty() || std::isspace(static_cast<unsigned char>(text[0])) != 0) return std::nullopt;
  errno = 0;
  char* end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || errno == ERANGE) return std::nullopt;
  return value;
}

/// The values between the commas of one line; quotes protect commas, as in CSV.
std::optional<std::vector<std::string>> split_commas(const std::string& text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  bool inside = false;
  out.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool field_begins = out.back().empty() && (i == 0 || text[i - 1] == ',');
    if (inside && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      out.back() += text[++i];
    } else if (inside && c == '"') {
      inside = false;
      if (i + 1 < text.size() && text[i + 1] != ',') return std::nullopt;
    } else if (c == '"' && field_begins) {
      inside = true;
    } else if (c == '"' && !inside) {
      return std::nullopt;
    } else if (c == ',' && !inside) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  if (inside) return std::nullopt;
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

/// Go's notation of a duration that has no fraction of a second.
std::string whole_seconds(nanoseconds value) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(value).count()) + "s";
}

std::string environment_name(const std::string& prefix, const std::string& flag) {
  std::string out = prefix;
  for (char c : flag)
    out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::optional<bool> parse_boolean(const std::string& text) {
  for (const char* word : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == word) return true;
  for (const char* word : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == word) return false;
  return std::nullopt;
}

std::optional<nanoseconds> parse_duration(const std::string& text) {
  static const std::map<std::string, double> units = {{"ns", 1},   {"us", 1e3},  {"µs", 1e3},
                                                      {"μs", 1e3}, {"ms", 1e6},  {"s", 1e9},
                                                      {"m", 60e9}, {"h", 3600e9}};
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  double sign = text.starts_with('-') ? -1 : 1, total = 0;
  if (text.substr(at) == "0") return nanoseconds(0);
  if (at == text.size()) return std::nullopt;
  while (at < text.size()) {
    std::size_t digits = text.find_first_not_of("0123456789.", at);
    if (digits == at || digits == std::string::npos) return std::nullopt;
    std::string number = text.substr(at, digits - at);
    if (number == "." || std::count(number.begin(), number.end(), '.') > 1) return std::nullopt;
    std::size_t end = std::min(text.find_first_of("0123456789.", digits), text.size());
    auto unit = units.find(text.substr(digits, end - digits));
    if (unit == units.end()) return std::nullopt;
    total += std::strtod(number.c_str(), nullptr) * unit->second;
    at = end;
  }
  if (total > 9.2e18) return std::nullopt;
  return nanoseconds(static_cast<std::int64_t>(sign * total));
}

// ---- Adding ----

std::string Flags::Flag::usage_name() const {
  return (letter == 0 ? "" : std::string("-") + letter + ", ") + "--" + name;
}

void Flags::add(const Name& name, std::string type, std::string default_text, std::string help,
                std::function<std::string(const std::string&)> set) {
  Flag flag;
  std::size_t dashes = name.find("--");
  flag.name = name.substr(dashes + 2);
  flag.letter = dashes == 0 ? '\0' : name[1];
  flag.type = std::move(type);
  flag.default_text = std::move(default_text);
  flag.help = std::move(help);
  flag.set = std::move(set);
  flags_.push_back(std::move(flag));
}

void Flags::boolean(Name name, bool& value, std::string help) {
  add(name, "", value ? "true" : "", std::move(help), [&value](const std::string& text) {
    std::optional<bool> read = parse_boolean(text);
    if (read) value = *read;
    return std::string(read ? "" : "must be true or false");
  });
}

void Flags::text(Name name, std::string& value, std::string help) {
  add(name, "string", value, std::move(help), [&value](const std::string& text) {
    value = text;
    return std::string();
  });
}

void Flags::checked_text(Name name, std::string help,
                         std::function<std::string(const std::string&)> set) {
  add(name, "string", "", std::move(help), std::move(set));
}

void Flags::integer(Name name, std::int64_t& value, std::string help) {
  add(name, "int", value == 0 ? "" : std::to_string(value), std::move(help),
      [&value](const std::string& text) {
        std::optional<std::int64_t> read = parse_integer(text);
        if (read) value = *read;
        return std::string(read ? "" : "must be an integer");
      });
}

void Flags::number(Name name, double& value, std::string help) {
  add(name, "float", "", std::move(help), [&value](const std::string& text) {
    std::optional<double> read = parse_number(text);
    if (read) value = *read;
    return std::string(read ? "" : "must be a number");
  });
}

void Flags::duration(Name name, nanoseconds& value, std::string help) {
  add(name, "duration", value == nanoseconds(0) ? "" : whole_seconds(value), std::move(help),
      [&value](const std::string& text) {
        std::optional<nanoseconds> read = parse_duration(text);
        if (read) value = *read;
        return std::string(read ? "" : "must be a duration like \"30s\" or \"5m\"");
      });
}

void Flags::word(Name name, std::string& value, std::initializer_list<const char*> words,
                 std::string help) {
  std::vector<std::string> known(words.begin(), words.end());
  std::string type = "{" + joined(known) + "}";
  add(name, type, value, std::move(help), [&value, known, type](const std::string& text) {
    if (std::find(known.begin(), known.end(), text) == known.end()) return "must be one of " + type;
    value = text;
    return std::string();
  });
}

void Flags::list(Name name, std::vector<std::string>& values, std::string help) {
  add(name, "string", "", std::move(help), [&values](const std::string& text) {
    values.push_back(text);
    return std::string();
  });
}

void Flags::comma_list(Name name, std::vector<std::string>& values, std::string help) {
  std::string default_text = values.empty() ? "" : "[" + joined(values) + "]";
  add(name, "strings", default_text, std::move(help),
      [&values, replaced = false](const std::string& text) mutable {
        std::optional<std::vector<std::string>> read = split_commas(text);
        if (!read) return "values between commas cannot be read from " + quoted(text);
        if (!std::exchange(replaced, true)) values.clear();
        values.insert(values.end(), read->begin(), read->end());
        return std::string();
      });
}

// ---- Reading ----

Flags::Flag* Flags::find(const std::string& name) {
  auto found = std::find_if(flags_.begin(), flags_.end(),
                            [&](const Flag& flag) { return flag.name == name; });
  return found == flags_.end() ? nullptr : &*found;
}

Flags::Flag* Flags::find(char letter) {
  auto found = std::find_if(flags_.begin(), flags_.end(),
                            [&](const Flag& flag) { return flag.letter == letter; });
  return found == flags_.end() ? nullptr : &*found;
}

bool Flags::is_given(const std::string& name) const {
  return std::any_of(flags_.begin(), flags_.end(),
                     [&](const Flag& flag) { return flag.name == name && flag.given; });
}

std::optional<std::string> Flags::set(Flag& flag, const std::string& text) {
  std::string wrong = flag.set(text);
  if (wrong.empty()) {
    flag.given = true;
    return std::nullopt;
  }
  return "invalid argument " + quoted(text) + " for \"" + flag.usage_name() + "\" flag: " + wrong;
}

std::optional<std::string> Flags::parse_long(const std::string& argument, std::size_t& next,
                                             const std::vector<std::string>& all) {
  std::size_t equals = argument.find('=');
  std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
  if (name.empty() || name[0] == '-') return "bad flag syntax: " + argument;
  Flag* flag = find(name);
  if (flag == nullptr) return "unknown flag: --" + name;
  if (equals != std::string::npos) return set(*flag, argument.substr(equals + 1));
  if (flag->is_boolean()) return set(*flag, "true");
  if (next == all.size()) return "flag needs an argument: --" + name;
  return set(*flag, all[next++]);
}

std::optional<std::string> Flags::parse_letters(std::string letters, std::size_t& next,
                                                const std::vector<std::string>& all) {
  while (!letters.empty()) {
    std::string letter(1, letters[0]);
    Flag* flag = find(letters[0]);
    if (flag == nullptr) return "unknown shorthand flag: '" + letter + "' in -" + letters;
    std::optional<std::string> wrong;
    bool last = true;
    if (letters.size() > 2 && letters[1] == '=') {
      wrong = set(*flag, letters.substr(2));
    } else if (flag->is_boolean()) {
      wrong = set(*flag, "true");
      last = false;
    } else if (letters.size() > 1) {
      wrong = set(*flag, letters.substr(1));
    } else if (next < all.size()) {
      wrong = set(*flag, all[next++]);
    } else {
      return "flag needs an argument: '" + letter + "' in -" + letters;
    }
    if (wrong || last) return wrong;
    letters.erase(0, 1);
  }
  return std::nullopt;
}

std::optional<std::string> Flags::parse(const std::vector<std::string>& arguments) {
  if (find("help") == nullptr) boolean("-h, --help", help_, "show this text");
  for (std::size_t next = 0; next < arguments.size();) {
    const std::string& argument = arguments[next++];
    if (argument == "--") {
      arguments_.insert(arguments_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(next),
                        arguments.end());
      break;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      arguments_.push_back(argument);
      continue;
    }
    std::optional<std::string> wrong = argument[1] == '-'
                                           ? parse_long(argument, next, arguments)
                                           : parse_letters(argument.substr(1), next, arguments);
    if (wrong) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> Flags::read_environment(const std::string& prefix) {
  std::map<std::string, Flag*> by_name;
  for (Flag& flag : flags_) by_name[flag.name] = &flag;
  std::string wrong;
  for (auto& [name, flag] : by_name) {
    const char* value = std::getenv(environment_name(prefix, name).c_str());
    if (value == nullptr || *value == '\0' || flag->given) continue;
    if (std::optional<std::string> failed = set(*flag, value))
      wrong += (wrong.empty() ? "" : "; ") + *failed;
  }
  if (wrong.empty()) return std::nullopt;
  return "error mapping environment variables to command flags: " + wrong;
}

std::string Flags::usage() const {
  std::map<std::string, std::pair<std::string, std::string>> lines;  // sorted by name
  std::size_t width = 0;
  for (const Flag& flag : flags_) {
    if (flag.hidden) continue;
    std::string left = flag.letter == 0 ? "      --" + flag.name : "  " + flag.usage_name();
    left += flag.is_boolean() ? "[=true|false]" : " " + flag.type;
    width = std::max(width, left.size());
    std::string right = flag.help;
    if (!flag.default_text.empty()) {
      bool is_text = flag.type == "string";
      right += " (default " + (is_text ? quoted(flag.default_text) : flag.default_text) + ")";
    }
    lines[flag.name] = {left, right};
  }
  std::string out;
  for (const auto& [name, line] : lines)
    out += line.first + std::string(width - line.first.size() + 3, ' ') + line.second + "\n";
  return out;
}

}  // namespace lictor::cli
