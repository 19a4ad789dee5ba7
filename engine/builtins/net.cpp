// IP addresses and networks (CIDR). An IPv4 address that is mapped into IPv6 counts as IPv4.
// Source: OPA v1/topdown/cidr.go, net.go over Go's net package.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/digits.hpp"
#include "base/go_address.hpp"
#include "builtins/families.hpp"
#include "builtins/watch.hpp"

namespace lictor::builtins {
namespace {

using Number = unsigned __int128;

struct Address {
  Number value = 0;
  bool is_v4 = false;  // then `value` has 32 bits

  int bits() const { return is_v4 ? 32 : 128; }
};

constexpr Number mapped_prefix = Number(0xFFFF) << 32;

Number low_bits(int count) { return count >= 128 ? ~Number(0) : (Number(1) << count) - 1; }

struct Network {
  Address first;
  int prefix = 0;
  bool is_mapped = false;  // written as IPv6, though its addresses are IPv4 ones

  int host_bits() const { return first.bits() - prefix; }
  Number last() const { return first.value | low_bits(host_bits()); }
};

/// An address as it is written, before mapped ones become IPv4. No zones.
bool read_written(std::string_view text, Address& out) {
  char buffer[64];
  if (text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return false;
  *std::copy(text.begin(), text.end(), buffer) = '\0';
  in_addr v4;
  if (::inet_pton(AF_INET, buffer, &v4) == 1) {
    out = {ntohl(v4.s_addr), true};
    return true;
  }
  in6_addr v6;
  if (::inet_pton(AF_INET6, buffer, &v6) != 1) return false;
  out = {};
  for (std::uint8_t byte : v6.s6_addr) out.value = out.value << 8 | byte;
  return true;
}

bool is_mapped(const Address& address) {
  return !address.is_v4 && address.value >> 32 == mapped_prefix >> 32;
}

Address unmapped(const Address& address) {
  return is_mapped(address) ? Address{address.value & low_bits(32), true} : address;
}

bool read_address(std::string_view text, Address& out) {
  if (!read_written(text, out)) return false;
  out = unmapped(out);
  return true;
}

bool read_network(std::string_view text, Network& out) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !read_written(text.substr(0, slash), out.first))
    return false;
  std::string_view length = text.substr(slash + 1);
  auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), out.prefix);
  bool whole = error == std::errc() && end == length.data() + length.size() && length[0] != '-';
  if (!whole || out.prefix > out.first.bits()) return false;
  out.first.value &= ~low_bits(out.host_bits());
  out.is_mapped = is_mapped(out.first);
  if (out.is_mapped) {
    out.first = unmapped(out.first);
    out.prefix = std::max(out.prefix - 96, 0);
  }
  return true;
}

bool contains(const Network& network, const Address& address) {
  if (network.first.is_v4 != address.is_v4) return false;
  return (address.value & ~low_bits(network.host_bits())) == network.first.value;
}

bool contains(const Network& outer, const Network& inner) {
  if (outer.first.is_v4 != inner.first.is_v4) return false;
  return outer.prefix <= inner.prefix && contains(outer, inner.first);
}

// ---- Text ----

std::string hexadecimal(unsigned value) {
  char buffer[8];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, 16).ptr};
}

/// The longest run of zero groups, of two at least, becomes "::".
std::string v6_text(Number value) {
  unsigned groups[8];
  for (int i = 7; i >= 0; --i, value >>= 16) groups[i] = static_cast<unsigned>(value & 0xFFFF);
  int best = -1, best_size = 1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_size) {
      best = i;
      best_size = end - i;
    }
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_size - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += hexadecimal(groups[i]);
  }
  return out;
}

std::string text_of(const Address& address) {
  if (!address.is_v4) return v6_text(address.value);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!out.empty()) out += '.';
    out += std::to_string(static_cast<unsigned>(address.value >> shift & 0xFF));
  }
  return out;
}

// ---- Builtins ----

/// Go's words for an operand that is no network; every operand is called the first here.
Value bad_operand(Call& call, const Value& operand) {
  if (!operand.is(Kind::string))
    return call.type_error(std::string("operand 1 must be string but got ") +
                           kind_name(operand.kind()));
  return call.fail("invalid CIDR address: " + std::string(operand.as_string()));
}

bool network_of(Call& call, const Value& operand, Network& out) {
  if (operand.is(Kind::string) && read_network(operand.as_string(), out)) return true;
  bad_operand(call, operand);
  return false;
}

/// Whether a network holds an address or a network; nothing after a failure.
std::optional<bool> holds(Call& call, const Value& outer, const Value& inner) {
  Network network, other;
  if (!network_of(call, outer, network)) return std::nullopt;
  if (!inner.is(Kind::string)) {
    bad_operand(call, inner);
    return std::nullopt;
  }
  Address address;
  if (read_address(inner.as_string(), address)) return contains(network, address);
  if (read_network(inner.as_string(), other)) return contains(network, other);
  call.fail("not a valid textual representation of an IP address or CIDR: " +
            std::string(inner.as_string()));
  return std::nullopt;
}

Value cidr_contains(Call& call) {
  std::optional<bool> out = holds(call, call[0], call[1]);
  return out ? Value::boolean(*out) : Value();
}

Value cidr_intersects(Call& call) {
  Network a, b;
  if (!network_of(call, call[0], a) || !network_of(call, call[1], b)) return Value();
  return Value::boolean(contains(a, b.first) || contains(b, a.first));
}

Value cidr_is_valid(Call& call) {
  Network unused;
  return Value::boolean(call.is(0, Kind::string) && read_network(call[0].as_string(), unused));
}

Value cidr_expand(Call& call) {
  if (!call.has_strings(1)) return Value();
  Network network;
  if (!network_of(call, call[0], network)) return Value();
  constexpr int most_bits = 24;
  if (network.host_bits() > most_bits) return call.fail("the network has too many addresses");
  ArenaVector<Value> out(call.arena);
  Watch watch(call.environment);
  for (Number at = network.first.value;; ++at) {
    watch.tick(10);
    out.push_back(call.text(text_of({at, network.first.is_v4})));
    if (at == network.last()) break;
  }
  return make_watched_set(call.environment, out.data(), out.size());
}

/// A network among others, and what names it: its place in an array, its key in an object, itself.
struct Candidate {
  Value network;
  Value name;
};

std::uint32_t count_candidates(const Value& given) {
  return given.is_collection() ? given.size() : given.is(Kind::string);
}

/// Reads the candidate at an index; returns false after an error.
bool read_candidate(Call& call, std::size_t operand, std::uint32_t i, Candidate& out) {
  const Value& given = call[operand];
  if (given.is(Kind::string)) {
    out = {given, given};
    return true;
  }
  bool object = given.is(Kind::object);
  const Value& item = object ? sorted_members(given)[i].value : given.items()[i];
  bool list = item.is(Kind::array) && item.size() != 0;
  if (!item.is(Kind::string) && !list) {
    call.fail("operand " + std::to_string(operand + 1) +
              ": element must be string or non-empty array");
    return false;
  }
  out.network = list ? item.items()[0] : item;
  out.name = object                  ? sorted_members(given)[i].key
             : given.is(Kind::array) ? Value::integer(i)
                                     : item;
  return true;
}

Value cidr_contains_matches(Call& call) {
  ArenaVector<Value> out(call.arena);
  Candidate a, b;
  Watch watch(call.environment);
  for (std::uint32_t i = 0; i < count_candidates(call[0]); ++i) {
    if (!read_candidate(call, 0, i, a)) return Value();
    for (std::uint32_t j = 0; j < count_candidates(call[1]); ++j) {
      watch.tick(20);
      if (!read_candidate(call, 1, j, b)) return Value();
      std::optional<bool> match = holds(call, a.network, b.network);
      if (!match) return Value();
      const Value pair[] = {a.name, b.name};
      if (*match) out.push_back(make_array(call.arena, pair, 2));
    }
  }
  return make_set(out.data(), out.size());
}

/// A run of addresses; `text` names it while it is one of the networks that were given.
struct Range {
  Number first;
  Number last;
  bool is_v4;
  std::string text;

  Number order(Number value) const { return is_v4 ? mapped_prefix | value : value; }
};

/// A lone IPv4 address stands for the network of its class, as in Go.
int class_prefix(Number address) {
  auto first = static_cast<unsigned>(address >> 24);
  return first < 0x80 ? 8 : first < 0xC0 ? 16 : 24;
}

bool range_of(Call& call, const Value& item, Range& out) {
  if (!item.is(Kind::string)) {
    call.fail("element must be string");
    return false;
  }
  Address address;
  Network network;
  if (read_address(item.as_string(), address)) {
    if (!address.is_v4) {
      call.fail("IPv6 invalid: needs prefix length");
      return false;
    }
    int prefix = class_prefix(address.value);
    Number hosts = low_bits(32 - prefix);
    out = {address.value & ~hosts, address.value | hosts, true,
           text_of(address) + "/" + std::to_string(prefix)};
    return true;
  }
  if (!network_of(call, item, network)) return false;
  out = {network.first.value, network.last(), network.first.is_v4,
         text_of(network.first) + "/" + std::to_string(network.prefix)};
  return true;
}

/// True if `high`, whose last address is not less, begins within `low` or directly after it.
bool touches(const Range& low, const Range& high) {
  Number previous = high.first == 0 ? 0 : high.first - 1;
  return high.order(previous) <= low.order(low.last);
}

/// Joins what touches or overlaps, from the end on.
void join(std::vector<Range>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    Number x = a.order(a.last), y = b.order(b.last);
    return x != y ? x < y : a.order(a.first) < b.order(b.first);
  });
  std::vector<Range> out;
  for (; !ranges.empty(); ranges.pop_back()) {
    Range& low = ranges.back();
    if (out.empty() || !touches(low, out.back())) {
      out.push_back(std::move(low));
      continue;
    }
    Range& high = out.back();
    bool low_first = low.order(low.first) < high.order(high.first);
    high.first = low_first ? low.first : high.first;
    high.text.clear();
  }
  ranges = std::move(out);
}

/// The fewest networks that make up a range: always the largest that starts here and fits.
void split(const Range& range, std::vector<std::string>& out) {
  int bits = range.is_v4 ? 32 : 128;
  Number at = range.first;
  for (;;) {
    int size = 0;
    while (size < bits && (at & low_bits(size + 1)) == 0 && range.last - at >= low_bits(size + 1))
      ++size;
    out.push_back(text_of({at, range.is_v4}) + "/" + std::to_string(bits - size));
    Number last = at | low_bits(size);
    if (last >= range.last) return;
    at = last + 1;
  }
}

Value cidr_merge(Call& call) {
  if (!call.is(0, Kind::array) && !call.is(0, Kind::set))
    return call.fail("operand must be an array");
  std::vector<Range> ranges(call[0].size());
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    if (!range_of(call, call[0].items()[i], ranges[i])) return Value();
  }
  join(ranges);
  std::vector<std::string> texts;
  for (const Range& range : ranges) {
    if (range.text.empty())
      split(range, texts);
    else
      texts.push_back(range.text);
  }
  Value* out = call.arena.allocate<Value>(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) out[i] = call.text(texts[i]);
  return make_set(out, texts.size());
}

/// As Go's isDomainName. The C library takes more, such as "1.2.3" for an address.
bool is_domain_name(std::string_view text) {
  if (text == ".") return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  bool is_number = true;
  for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
    end = text.find('.', begin);
    std::string_view label = text.substr(begin, end == std::string_view::npos ? end : end - begin);
    bool sound = std::all_of(label.begin(), label.end(), [&](char c) {
      bool is_letter = c == '_' || c == '-' || ((c | 32) >= 'a' && (c | 32) <= 'z');
      is_number = is_number && !is_letter;
      return is_letter || is_digit(c);
    });
    if (!sound || label.empty() || label.size() > 63 || label[0] == '-' || label.ends_with('-'))
      return false;
  }
  return !is_number && text.size() <= 253;
}

/// " on SERVER:53" for the first name server of the system, as Go's resolver asks it.
std::string name_server() {
  std::ifstream file("/etc/resolv.conf");
  std::string server = "127.0.0.1";
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key, value;
    if (!(words >> key >> value) || key != "nameserver" || !address_error(value).empty()) continue;
    server = value;
    break;
  }
  return " on " + (server.find(':') == std::string::npos ? server : "[" + server + "]") + ":53";
}

/// An error of getaddrinfo() in Go's words.
std::string lookup_error(int error) {
  if (error == EAI_NONAME || error == EAI_NODATA) return name_server() + ": no such host";
  if (error == EAI_AGAIN) return name_server() + ": server misbehaving";
  return std::string(": ") + ::gai_strerror(error);
}

/// The text of an address, with its zone.
Value address_itself(Call& call, std::string_view text) {
  std::size_t zone = std::min(text.find('%'), text.size());
  Address address;
  if (!read_address(text.substr(0, zone), address)) return Value();
  Value* out = call.arena.allocate<Value>(1);
  *out = call.text(text_of(address) + std::string(text.substr(zone)));
  return make_set(out, 1);
}

Value lookup_ip_addr(Call& call) {
  if (!call.has_strings(1)) return Value();
  std::string name(call[0].as_string());
  if (!call.environment.allows(name)) return call.fail("disallowed host: " + name);
  if (!name.empty() && address_error(name).empty()) return address_itself(call, name);
  if (!is_domain_name(name)) return call.fail("lookup " + name + ": no such host");
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found))
    return call.fail("lookup " + name + lookup_error(error));
  ArenaVector<Value> out(call.arena);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Address address;
    if (at->ai_family == AF_INET) {
      address = {ntohl(reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr.s_addr), true};
    } else if (at->ai_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(at->ai_addr);
      for (std::uint8_t byte : v6->sin6_addr.s6_addr) address.value = address.value << 8 | byte;
    } else {
      continue;
    }
    out.push_back(call.text(text_of(unmapped(address))));
  }
  ::freeaddrinfo(found);
  return make_set(out.data(), out.size());
}

constexpr Builtin table[] = {
    {"net.cidr_contains", "(cidr: string, cidr_or_ip: string) => result: boolean", cidr_contains},
    {"net.cidr_contains_matches",
     "(cidrs: any<string, array[any<string, array[any]>], object[string: any<string, array[any]>], "
     "set[any<string, array[any]>]>, cidrs_or_ips: any<string, array[any<string, array[any]>], "
     "object[string: any<string, array[any]>], set[any<string, array[any]>]>) => output: "
     "set[array<any, any>]",
     cidr_contains_matches},
    {"net.cidr_expand", "(cidr: string) => hosts: set[string]", cidr_expand},
    {"net.cidr_intersects", "(cidr1: string, cidr2: string) => result: boolean", cidr_intersects},
    {"net.cidr_is_valid", "(cidr: string) => result: boolean", cidr_is_valid},
    {"net.cidr_merge", "(addrs: any<array[any<string>], set[string]>) => output: set[string]",
     cidr_merge},
    {"net.cidr_overlap", "(string, string) => boolean", cidr_contains, Trait::deprecated},
    {"net.lookup_ip_addr", "(name: string) => addrs: set[string]", lookup_ip_addr,
     Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> net_builtins() { return table; }

}  // namespace lictor::builtins
