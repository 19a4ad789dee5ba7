// Versions, UUIDs and random numbers. What is random stays the same for the same arguments within
// one evaluation.
// Source: OPA v1/topdown/semver.go, uuid.go, numbers.go; RFC 4122; semver.org.
#include <algorithm>
#include <charconv>
#include <random>

#include "base/hex.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

// ---- Versions ----

struct Version {
  std::int64_t numbers[3];
  std::string_view pre_release;
};

/// The part in front of the first `separator`, which is taken off `text` with it.
std::string_view cut(std::string_view& text, char separator) {
  std::size_t at = text.find(separator);
  std::string_view out = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return out;
}

bool is_numeric(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_identifier(std::string_view text) {
  auto good = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), good);
}

/// Identifiers with points between them; numeric ones of a pre-release have no leading zeros.
bool is_metadata(std::string_view text, bool pre_release) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    std::string_view part = cut(text, '.');
    bool padded = part.size() > 1 && part[0] == '0' && is_numeric(part);
    if (!is_identifier(part) || (pre_release && padded)) return false;
  }
  return true;
}

bool read_number(std::string_view text, std::int64_t& out) {
  if (!is_numeric(text) || (text.size() > 1 && text[0] == '0')) return false;
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

bool read_version(std::string_view text, Version& out) {
  if (text.starts_with('v')) text.remove_prefix(1);
  bool has_metadata = text.find('+') != std::string_view::npos;
  std::string_view core = cut(text, '+');
  if (has_metadata && !is_metadata(text, false)) return false;
  bool has_pre_release = core.find('-') != std::string_view::npos;
  std::string_view rest = core;
  core = cut(rest, '-');
  if (has_pre_release && !is_metadata(rest, true)) return false;
  out.pre_release = rest;
  if (std::count(core.begin(), core.end(), '.') != 2) return false;
  for (std::int64_t& number : out.numbers) {
    if (!read_number(cut(core, '.'), number)) return false;
  }
  return true;
}

int order_of(std::string_view a, std::string_view b) {
  bool a_numeric = is_numeric(a), b_numeric = is_numeric(b);
  if (a_numeric != b_numeric) return a_numeric ? -1 : 1;
  // Without leading zeros the longer number is the larger one.
  if (a_numeric && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare_versions(const Version& a, const Version& b) {
  for (int i = 0; i < 3; ++i) {
    if (a.numbers[i] != b.numbers[i]) return a.numbers[i] < b.numbers[i] ? -1 : 1;
  }
  std::string_view x = a.pre_release, y = b.pre_release;
  if (x == y) return 0;
  if (x.empty() || y.empty()) return x.empty() ? 1 : -1;
  while (!x.empty() && !y.empty()) {
    if (int order = order_of(cut(x, '.'), cut(y, '.'))) return order;
  }
  return x.empty() ? -1 : 1;
}

Value semver_compare(Call& call) {
  if (!call.has_strings(2)) return Value();
  Version versions[2];
  for (std::size_t i = 0; i < 2; ++i) {
    if (read_version(call[i].as_string(), versions[i])) continue;
    std::string quoted;
    append_go_quoted(quoted, call[i].as_string());
    return call.fail("operand " + std::to_string(i + 1) + ": string " + quoted +
                     " is not a valid SemVer");
  }
  return Value::integer(compare_versions(versions[0], versions[1]));
}

Value semver_is_valid(Call& call) {
  Version unused;
  return Value::boolean(call.is(0, Kind::string) && read_version(call[0].as_string(), unused));
}

// ---- UUIDs ----

using Bytes = std::array<std::uint8_t, 16>;

/// 32 digits, with hyphens or without; the form with hyphens also in braces or behind "urn:uuid:".
bool read_uuid(std::string_view text, Bytes& out) {
  constexpr std::string_view urn = "urn:uuid:";
  auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  if (text.size() == 36 + urn.size()) {
    if (!std::equal(urn.begin(), urn.end(), text.begin(), same)) return false;
    text.remove_prefix(urn.size());
  } else if (text.size() == 38) {
    text = text.substr(1, 36);
  }
  bool hyphens = text.size() == 36;
  if (!hyphens && text.size() != 32) return false;
  std::size_t at = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-') return false;
    int high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return true;
}

std::string hex(const std::uint8_t* bytes, std::size_t size, std::string_view separator) {
  return hex_text({reinterpret_cast<const char*>(bytes), size}, separator);
}

const char* variant_of(const Bytes& uuid) {
  if ((uuid[8] & 0xC0) == 0x80) return "RFC4122";
  if ((uuid[8] & 0xE0) == 0xC0) return "Microsoft";
  if ((uuid[8] & 0xE0) == 0xE0) return "Future";
  return "Reserved";
}

const char* address_kind(std::uint8_t first) {
  switch (first & 3) {
    case 3:
      return "local:multicast";
    case 1:
      return "global:multicast";
    case 2:
      return "local:unicast";
    default:
      return "global:unicast";
  }
}

std::uint64_t big_endian(const std::uint8_t* bytes, std::size_t size) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < size; ++i) out = out << 8 | bytes[i];
  return out;
}

/// Nanoseconds since 1970 of a time-based UUID, which counts steps of 100 ns since 1582.
std::int64_t time_of(const Bytes& uuid) {
  constexpr std::int64_t from_1582_to_1970 = 122192928000000000;
  std::uint64_t steps = big_endian(&uuid[0], 4) | big_endian(&uuid[4], 2) << 32 |
                        (big_endian(&uuid[6], 2) & 0x0FFF) << 48;
  return (static_cast<std::int64_t>(steps) - from_1582_to_1970) * 100;
}

Value uuid_parse(Call& call) {
  if (!call.has_strings(1)) return Value();
  Bytes uuid;
  if (!read_uuid(call[0].as_string(), uuid)) return Value();
  ArenaVector<Member> members(call.arena);
  auto add = [&](std::string_view key, Value value) {
    members.push_back({Value::string(key), value});
  };
  int version = uuid[6] >> 4;
  add("version", Value::integer(version));
  add("variant", Value::string(variant_of(uuid)));
  if (version == 1 || version == 2) {
    add("time", Value::integer(time_of(uuid)));
    add("nodeid", call.text(hex(&uuid[10], 6, "-")));
    add("macvariables", Value::string(address_kind(uuid[10])));
    add("clocksequence",
        Value::integer(static_cast<std::int64_t>(big_endian(&uuid[8], 2) & 0x3FFF)));
  }
  if (version == 2) {
    constexpr const char* domains[] = {"Person", "Group", "Org"};
    add("id", Value::integer(static_cast<std::int64_t>(big_endian(&uuid[0], 4))));
    add("domain", uuid[9] < 3 ? Value::string(domains[uuid[9]])
                              : call.text("Domain" + std::to_string(uuid[9])));
  }
  return make_unique_object(call.arena, members.data(), members.size(), Duplicates::last_wins);
}

// ---- Random values ----

std::uint64_t random_bits() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return random();
}

Value uuid_rfc4122(Call& call) {
  std::string& known = call.environment.remembered["uuid " + json::to_json(call[0])];
  if (known.empty()) {
    Bytes bytes;
    for (std::size_t half = 0; half < 2; ++half) {
      std::uint64_t bits = random_bits();
      for (std::size_t i = 0; i < 8; ++i)
        bytes[half * 8 + i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    known = hex(&bytes[0], 4, "") + "-" + hex(&bytes[4], 2, "") + "-" + hex(&bytes[6], 2, "") +
            "-" + hex(&bytes[8], 2, "") + "-" + hex(&bytes[10], 6, "");
  }
  return call.text(known);
}

Value rand_intn(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (!call.is(1, Kind::number)) return call.wrong_type(1, "number");
  std::optional<std::int64_t> bound = to_int64(call[1]);
  if (!bound)
    return call.type_error("operand 2 must be integer number but got floating-point number");
  if (*bound == 0) return Value::integer(0);
  auto range = static_cast<std::uint64_t>(*bound < 0 ? -*bound : *bound);
  std::string key = "rand " + json::to_json(call[0]) + std::to_string(range);
  std::string& known = call.environment.remembered[key];
  if (known.empty()) known = std::to_string(random_bits() % range);
  return make_number(call.arena, known);
}

constexpr Builtin table[] = {
    {"semver.compare", "(a: string, b: string) => result: number", semver_compare},
    {"semver.is_valid", "(vsn: any) => result: boolean", semver_is_valid},
    {"uuid.parse", "(uuid: string) => result: object[string: any]", uuid_parse},
    {"uuid.rfc4122", "(k: string) => output: string", uuid_rfc4122, Trait::nondeterministic},
    {"rand.intn", "(str: string, n: number) => y: number", rand_intn, Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> identifier_builtins() { return table; }

}  // namespace lictor::builtins
