// The flags of a verb, and a command line read by them, as `opa` does: `--name value`,
// `--name=value`, `-n value`, `-nvalue`, `-n=value`, several letters in one argument; flags and
// arguments in any order; after `--` arguments only. Of a flag that is given twice the last value
// counts, and a list takes all.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace lictor::cli {

class Flags {
 public:
  /// How a flag is written: "--format", or "-f, --format".
  using Name = std::string;

  // Each adds a flag, whose value is written to `value`, which holds the default.
  void boolean(Name name, bool& value, std::string help);
  void text(Name name, std::string& value, std::string help);
  /// `set` returns what is wrong with a text, or nothing.
  void checked_text(Name name, std::string help,
                    std::function<std::string(const std::string& text)> set);
  void integer(Name name, std::int64_t& value, std::string help);
  void number(Name name, double& value, std::string help);
  void duration(Name name, std::chrono::nanoseconds& value, std::string help);
  /// One of a few words.
  void word(Name name, std::string& value, std::initializer_list<const char*> words,
            std::string help);
  /// May be repeated.
  void list(Name name, std::vector<std::string>& values, std::string help);
  /// May be repeated, and holds several values between commas; replaces the default.
  void comma_list(Name name, std::vector<std::string>& values, std::string help);
  /// Leaves the flag that was added last out of the usage.
  void hide() { flags_.back().hidden = true; }

  /// Returns what is wrong, if anything is.
  std::optional<std::string> parse(const std::vector<std::string>& arguments);
  /// Sets flags that were not given from variables: `prefix` and the name, as OPA_EVAL_FORMAT.
  std::optional<std::string> read_environment(const std::string& prefix);

  const std::vector<std::string>& arguments() const { return arguments_; }
  bool is_given(const std::string& name) const;
  bool wants_help() const { return help_; }

  /// A line for each flag.
  std::string usage() const;

 private:
  struct Flag {
    std::string name;
    char letter = 0;
    std::string type;  // in the usage; empty for a flag without a value
    std::string default_text;
    std::string help;
    std::function<std::string(const std::string& text)> set;  // returns what is wrong, or nothing
    bool hidden = false;
    bool given = false;

    bool is_boolean() const { return type.empty(); }
    std::string usage_name() const;
  };

  void add(const Name& name, std::string type, std::string default_text, std::string help,
           std::function<std::string(const std::string&)> set);
  Flag* find(const std::string& name);
  Flag* find(char letter);
  static std::optional<std::string> set(Flag& flag, const std::string& text);
  std::optional<std::string> parse_long(const std::string& argument, std::size_t& next,
                                        const std::vector<std::string>& all);
  std::optional<std::string> parse_letters(std::string letters, std::size_t& next,
                                           const std::vector<std::string>& all);

  std::vector<Flag> flags_;
  std::vector<std::string> arguments_;
  bool help_ = false;
};

/// As Go's strconv.ParseBool; nothing for any other text.
std::optional<bool> parse_boolean(const std::string& text);
/// "5s", "1m30s", "100ms", as Go's time.ParseDuration; nothing if it is no duration.
std::optional<std::chrono::nanoseconds> parse_duration(const std::string& text);

}  // namespace lictor::cli
