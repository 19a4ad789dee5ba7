// Reads generated YAML texts with lictor and OPA, and writes generated values as YAML with both.
// In: an oracle's binary, the first seed and how many. Out: each difference, shrunk; exit 1 when
// there is one, or when nothing ran.
#include <cstdlib>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "base/arena.hpp"
#include "base/base64.hpp"
#include "generate.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "json/yaml.hpp"
#include "lictor/yaml.hpp"
#include "reference.hpp"

namespace {

using lictor::tests::Reference;

constexpr std::uint64_t most_shown = 5;

/// The value in Rego's notation, or the error. The input is JSON text, whose numbers keep their
/// spelling.
std::string opa_outcome(Reference& opa, const std::string& query, const std::string& input) {
  nlohmann::json answer = opa.ask("{\"strict\":true,\"query\":" + nlohmann::json(query).dump() +
                                  ",\"input\":" + input + "}");
  if (answer.is_null()) return "stopped";
  if (!answer.contains("errors")) return answer["value"];
  std::string message = answer["errors"][0]["message"];
  std::size_t colon = message.find(": ");
  return "error: " + message.substr(colon == message.npos ? 0 : colon + 2);
}

struct Reading {
  static std::string make(std::uint64_t seed) { return lictor::tests::yaml_text(seed); }

  static std::string opa(Reference& reference, const std::string& text) {
    return opa_outcome(reference, "yaml.unmarshal(base64.decode(input))",
                       '"' + ::lictor::encode_base64(text, ::lictor::base64_standard, true) + '"');
  }

  static std::string lictor(const std::string& text) {
    auto json = ::lictor::yaml_to_json(text);
    if (!json) return "error: " + json.error().message;
    ::lictor::Arena arena;
    auto value = ::lictor::json::read_owned(*json, arena);
    return value ? ::lictor::json::to_rego(*value) : "error: " + value.error().message;
  }
};

struct Writing {
  static std::string make(std::uint64_t seed) { return lictor::tests::json_document(seed); }

  static std::string opa(Reference& reference, const std::string& text) {
    if (!nlohmann::json::accept(text)) return lictor(text);
    return opa_outcome(reference, "yaml.marshal(input)", text);
  }

  static std::string lictor(const std::string& text) {
    ::lictor::Arena arena;
    auto value = ::lictor::json::read_owned(text, arena);
    if (!value) return "error: " + value.error().message;
    auto yaml = ::lictor::json::to_yaml(*value);
    if (!yaml) return "error: " + yaml.error().message;
    return ::lictor::json::to_rego(::lictor::Value::string(*yaml));
  }
};

/// Not counted: errors that OPA picks or prints in the order of a Go map; a scan after a comment,
/// which go-yaml starts over where it failed and then reports the later error; texts at which OPA
/// stops.
bool is_excepted(const std::string& text, const std::string& opa, const std::string& lictor) {
  auto both = [&](std::string_view part) {
    return opa.find(part) != opa.npos && lictor.find(part) != lictor.npos;
  };
  bool scanned_twice = both("error: yaml: line ") && text.find('#') < text.find("- ");
  return scanned_twice || both("error: unsupported map key") ||
         both("map[interface {}]interface {}") || opa == "stopped";
}

template <typename Direction>
bool differs(Reference& reference, const std::string& text) {
  std::string opa = Direction::opa(reference, text), lictor = Direction::lictor(text);
  return opa != lictor && !is_excepted(text, opa, lictor);
}

/// Drops pieces as long as the two differ.
template <typename Direction>
std::string shrunk(Reference& reference, std::string text) {
  for (std::size_t size = text.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at + size <= text.size();) {
      std::string less = text.substr(0, at) + text.substr(at + size);
      if (differs<Direction>(reference, less))
        text = less;
      else
        at += size;
    }
  }
  return text;
}

template <typename Direction>
std::uint64_t run(Reference& reference, const char* name, std::uint64_t seed, std::uint64_t count) {
  std::uint64_t differences = 0, values = 0;
  for (std::uint64_t i = 0; i < count && differences < most_shown; ++i) {
    std::string text = Direction::make(seed + i);
    if (!Direction::lictor(text).starts_with("error: ")) ++values;
    if (!differs<Direction>(reference, text)) continue;
    ++differences;
    std::string least = shrunk<Direction>(reference, text);
    std::string quoted;
    lictor::json::append_quoted(quoted, least, false);
    std::cout << "---- " << name << ", seed " << seed + i << ": " << quoted
              << "\n# OPA:    " << Direction::opa(reference, least)
              << "\n# lictor: " << Direction::lictor(least) << std::endl;
  }
  std::cout << name << ": " << count << " texts, " << values << " valid, " << differences
            << " differences" << std::endl;
  return values == 0 ? 1 : differences;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 1, count = 1000;
  for (int i = 2; i + 1 < argc; i += 2) {
    std::string flag = argv[i];
    (flag == "--seed" ? seed : count) = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (argc < 2) {
    std::cerr << "usage: yaml ORACLE [--seed N] [--count N]\n";
    return 2;
  }
  Reference reference(argv[1]);
  std::uint64_t differences = run<Reading>(reference, "reading", seed, count) +
                              run<Writing>(reference, "writing", seed, count);
  return differences == 0 ? 0 : 1;
}
