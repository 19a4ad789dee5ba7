// Time: the clock and the calendar in UTC. Instants are nanoseconds since 1970. Source: OPA
// v1/topdown/time.go (1.22.2).
#include <chrono>

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86400;

Value now_ns(Call& call) { return Value::integer(call.environment.now()); }

struct Instant {
  std::chrono::year_month_day date;
  std::int64_t second_of_day;
  std::int64_t day;
};

Instant split(std::int64_t ns) {
  std::int64_t seconds = ns / ns_per_second - (ns % ns_per_second < 0 ? 1 : 0);
  std::int64_t day = seconds / seconds_per_day - (seconds % seconds_per_day < 0 ? 1 : 0);
  return {std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day))),
          seconds - day * seconds_per_day, day};
}

/// The instant of an operand given as a number; zones other than UTC are refused for now.
bool instant(Call& call, std::int64_t& ns) {
  const Value* given = &call.args[0];
  if (given->is(Kind::array) && given->size() == 2) {
    const Value& zone = given->items()[1];
    if (!zone.is(Kind::string) || (zone.as_text() != "UTC" && !zone.as_text().empty())) {
      call.fail("unknown time zone");
      return false;
    }
    given = &given->items()[0];
  }
  if (!given->is(Kind::number)) {
    call.wrong_type(0, "one of {number, array}");
    return false;
  }
  std::optional<std::int64_t> value = to_int64(*given);
  if (!value) {
    call.fail("timestamp too big");
    return false;
  }
  ns = *value;
  return true;
}

Value triple(Call& call, std::int64_t a, std::int64_t b, std::int64_t c) {
  Value* items = call.arena.allocate<Value>(3);
  items[0] = Value::integer(a);
  items[1] = Value::integer(b);
  items[2] = Value::integer(c);
  return Value::array(items, 3);
}

Value date(Call& call) {
  std::int64_t ns = 0;
  if (!instant(call, ns)) return Value();
  auto at = split(ns).date;
  return triple(call, static_cast<int>(at.year()), static_cast<unsigned>(at.month()),
                static_cast<unsigned>(at.day()));
}

Value clock_(Call& call) {
  std::int64_t ns = 0;
  if (!instant(call, ns)) return Value();
  std::int64_t second = split(ns).second_of_day;
  return triple(call, second / 3600, second / 60 % 60, second % 60);
}

Value weekday(Call& call) {
  std::int64_t ns = 0;
  if (!instant(call, ns)) return Value();
  constexpr const char* names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
  std::chrono::weekday day{std::chrono::sys_days(std::chrono::days(split(ns).day))};
  return call.text(names[day.c_encoding()]);
}

constexpr Builtin table[] = {
    {"time.now_ns", 0, now_ns, Trait::nondeterministic},
    {"time.date", 1, date},
    {"time.clock", 1, clock_},
    {"time.weekday", 1, weekday},
};

}  // namespace

std::int64_t Environment::now() {
  if (now_ns == 0) {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  }
  return now_ns;
}

std::span<const Builtin> time_builtins() { return table; }

}  // namespace lictor::builtins
