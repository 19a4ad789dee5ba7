// Hand-written decisions: the fields are read, then the rules applied to them. On-Demand goes once
// through the request; of a document tree (DOM) the fields are asked by name.
#include "handwritten.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <forward_list>

namespace lictor::bench {
namespace {

namespace ondemand = simdjson::ondemand;
namespace dom = simdjson::dom;

constexpr std::string_view band_names[] = {"critical", "high", "medium", "low"};
constexpr std::int64_t timeout_limits[] = {7200000, 3600000, 1800000, 900000};
constexpr std::int64_t retry_limits[] = {5, 3, 2, 1};

int band_of(std::string_view text) {
  for (int i = 0; i < 4; ++i) {
    if (band_names[i] == text) return i;
  }
  return -1;
}

void append(std::string& out, std::int64_t value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

struct Optional {
  std::int64_t value = 0;
  bool present = false;
};

void read(ondemand::value value, Optional& out) {
  out.present = value.get_int64().get(out.value) == simdjson::SUCCESS;
}
void read(ondemand::value value, double& out) {
  if (value.get_double().get(out)) out = NAN;
}
void read(ondemand::value value, std::string_view& out) {
  if (value.get_string().get(out)) out = {};
}

// The same from a tree, where a member may not be there.

using Found = simdjson::simdjson_result<dom::element>;

void take(const Found& value, Optional& out) {
  out.present = value.get_int64().get(out.value) == simdjson::SUCCESS;
}
template <typename T>
void take(const Found& value, T& out) {
  T found;
  if (value.get(found) == simdjson::SUCCESS) out = found;
}
void take(const Found& value, std::array<std::string_view, 32>& out, std::size_t& count) {
  dom::array items;
  if (value.get(items)) return;
  for (dom::element item : items) {
    if (count < out.size() && item.get(out[count]) == simdjson::SUCCESS) ++count;
  }
}

constexpr std::string_view number_expected = "number from 0 to 9007199254740991";
constexpr std::int64_t largest_number = 9007199254740991;

/// A field of another type or range than the policies take.
struct Wrong {
  std::string_view field, expected, json;
};

struct Wrongs {
  std::array<Wrong, 12> items;
  std::size_t count = 0;
  std::forward_list<std::string> texts;

  void add(std::string_view field, std::string_view expected, std::string_view json) {
    if (count < items.size()) items[count++] = {field, expected, json};
  }
  std::string_view keep(std::string text) { return texts.emplace_front(std::move(text)); }
  void check_range(const Optional& value, std::string_view field) {
    if (value.present && (value.value < 0 || value.value > largest_number))
      add(field, number_expected, keep(std::to_string(value.value)));
  }
};

std::string_view json_of(ondemand::value value) {
  ondemand::json_type type;
  std::string_view out;
  if (value.type().get(type)) return out;
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array) || array.raw_json().get(out)) return {};
  } else if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get_object().get(object) || object.raw_json().get(out)) return {};
  } else {
    out = value.raw_json_token();
  }
  return out.substr(0, out.find_last_not_of(" \n\r\t") + 1);
}

bool is_number(std::string_view json) {
  return !json.empty() && (json[0] == '-' || (json[0] >= '0' && json[0] <= '9'));
}

void read_amount(ondemand::value value, Optional& out, Wrongs& wrongs, std::string_view field) {
  read(value, out);
  wrongs.check_range(out, field);
  if (out.present) return;
  std::string_view json = json_of(value);
  if (!is_number(json)) wrongs.add(field, number_expected, json);
}

void read_text(ondemand::value value, std::string_view& out, Wrongs& wrongs,
               std::string_view field) {
  if (value.get_string().get(out)) wrongs.add(field, "string", json_of(value));
}

void take_amount(const Found& value, Optional& out, Wrongs& wrongs, std::string_view field) {
  take(value, out);
  wrongs.check_range(out, field);
  dom::element found;
  if (out.present || value.get(found) || found.is_number()) return;
  wrongs.add(field, number_expected, wrongs.keep(simdjson::minify(found)));
}

void take_text(const Found& value, std::string_view& out, Wrongs& wrongs, std::string_view field) {
  dom::element found;
  if (value.get(found)) return;
  if (found.get(out)) wrongs.add(field, "string", wrongs.keep(simdjson::minify(found)));
}

/// True if there is a member; it must be an object.
bool take_object(const Found& value, Wrongs& wrongs, std::string_view field) {
  dom::element found;
  if (value.get(found)) return false;
  if (!found.is_object()) wrongs.add(field, "object", wrongs.keep(simdjson::minify(found)));
  return true;
}

/// True if the value is an object; what is not is wrong.
bool is_object(ondemand::value value, Wrongs& wrongs, std::string_view field) {
  ondemand::json_type type;
  if (!value.type().get(type) && type == ondemand::json_type::object) return true;
  wrongs.add(field, "object", json_of(value));
  return false;
}

/// The place of a JSON value's kind in Rego's order; numbers and texts are violations' own.
int rank_of(std::string_view json) {
  constexpr int number = 2;
  switch (json.empty() ? 'n' : json[0]) {
    case 'n':
      return 0;
    case 't':
    case 'f':
      return 1;
    case '"':
      return 3;
    case '[':
      return 4;
    case '{':
      return 5;
    default:
      return number;
  }
}

/// A violation on its way out; sorted as the set of violation objects is.
struct Violation {
  int rank = 2;             // of the actual value's kind
  std::int64_t number = 0;  // rank 2
  std::string_view text;    // rank 3, and any other as JSON
  std::string body;         // everything behind "actual"

  bool operator<(const Violation& other) const {
    if (rank != other.rank) return rank < other.rank;
    if (rank == 2 && number != other.number) return number < other.number;
    if (rank != 2 && text != other.text) return text < other.text;
    int own = expected_rank(), others = other.expected_rank();
    return own != others ? own < others : body < other.body;
  }

 private:
  /// One that expects nothing comes last: its next member is "field".
  int expected_rank() const {
    constexpr std::string_view name = ",\"expected\":";
    constexpr int none = 6;
    return body.starts_with(name) ? rank_of(std::string_view(body).substr(name.size())) : none;
  }
};

struct Violations {
  std::array<Violation, 48> items;
  std::size_t count = 0;

  Violation& add() {
    Violation& out = items[count++];
    out.rank = 2;
    out.body.clear();
    return out;
  }
  Violation& add_number(std::int64_t actual) {
    Violation& out = add();
    out.number = actual;
    return out;
  }
  Violation& add_text(std::string_view actual) {
    Violation& out = add();
    out.rank = 3;
    out.text = actual;
    return out;
  }
  Violation& add_json(std::string_view json) {
    Violation& out = add();
    out.rank = rank_of(json);
    out.text = out.rank == 3 ? json.substr(1, json.size() - 2) : json;
    if (out.rank == 2) std::from_chars(json.data(), json.data() + json.size(), out.number);
    return out;
  }
  void add_wrong(const Wrongs& wrongs, std::string_view policy);

  void write(std::string& out, std::string_view warnings) {
    std::sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count));
    out += count == 0 ? "{\"allow\":true,\"violations\":[" : "{\"allow\":false,\"violations\":[";
    for (std::size_t i = 0; i < count; ++i) {
      const Violation& item = items[i];
      bool same = i > 0 && !(items[i - 1] < item);
      if (same) continue;
      out += i == 0 ? "{\"actual\":" : ",{\"actual\":";
      if (item.rank == 2)
        append(out, item.number);
      else if (item.rank == 3)
        out.append(1, '"').append(item.text).append(1, '"');
      else
        out += item.text;
      out += item.body;
    }
    out += "],\"warnings\":[";
    out += warnings;
    out += "]}";
  }
};

void put(std::string&) {}
template <typename First, typename... Rest>
void put(std::string& out, const First& first, const Rest&... rest) {
  if constexpr (std::is_same_v<First, std::int64_t>)
    append(out, first);
  else
    out += first;
  put(out, rest...);
}

void Violations::add_wrong(const Wrongs& wrongs, std::string_view policy) {
  constexpr std::string_view kinds[] = {"null", "boolean", "number", "string", "array", "object"};
  for (std::size_t i = 0; i < wrongs.count; ++i) {
    const Wrong& wrong = wrongs.items[i];
    put(add_json(wrong.json).body, ",\"expected\":\"", wrong.expected, "\",\"field\":\"",
        wrong.field, "\",\"msg\":\"Campo ", wrong.field, " inválido: esperado ", wrong.expected,
        ", recebido ", kinds[rank_of(wrong.json)], "\",\"policy\":\"", policy,
        "\",\"rule\":\"invalid_field\",\"severity\":\"high\"}");
  }
}

// ---- resource_limits
// -------------------------------------------------------------------------------

struct ResourceRequest {
  std::string_view band;
  Optional timeout, retries, estimate, limit, total;
  std::array<std::string_view, 32> required, allowed;
  std::size_t required_count = 0, allowed_count = 0;
  bool has_sla = false, has_timeout = false;
  Wrongs wrongs;
};

void read_list(ondemand::value value, std::array<std::string_view, 32>& out, std::size_t& count) {
  for (auto item : value.get_array()) {
    if (count < out.size() && item.get_string().get(out[count]) == simdjson::SUCCESS) ++count;
  }
}

/// `retries` and `deadline` may be null: not read. Returns whether there is a timeout.
bool read_sla(ondemand::value value, Optional& timeout, Optional* retries, Optional* deadline,
              Wrongs& wrongs) {
  bool has_timeout = false;
  if (!is_object(value, wrongs, "sla")) return false;
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "timeout_ms") {
      has_timeout = true;
      read_amount(field.value(), timeout, wrongs, "sla.timeout_ms");
    } else if (key == "max_retries" && retries) {
      read_amount(field.value(), *retries, wrongs, "sla.max_retries");
    } else if (key == "deadline" && deadline) {
      read_amount(field.value(), *deadline, wrongs, "sla.deadline");
    }
  }
  return has_timeout;
}

constexpr std::size_t most_capabilities = 1000;
constexpr std::string_view capabilities_expected = "array of at most 1000";

void read_capabilities(ondemand::value value, ResourceRequest& out) {
  ondemand::json_type type;
  std::size_t size = 0;
  bool is_list = !value.type().get(type) && type == ondemand::json_type::array;
  if (is_list && !value.count_elements().get(size) && size <= most_capabilities)
    read_list(value, out.required, out.required_count);
  else
    out.wrongs.add("required_capabilities", capabilities_expected, json_of(value));
}

void read_resource(ondemand::value value, ResourceRequest& out) {
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "risk_band") {
      read_text(field.value(), out.band, out.wrongs, "risk_band");
    } else if (key == "sla") {
      out.has_sla = true;
      out.has_timeout = read_sla(field.value(), out.timeout, &out.retries, nullptr, out.wrongs);
    } else if (key == "estimated_duration_ms") {
      read_amount(field.value(), out.estimate, out.wrongs, "estimated_duration_ms");
    } else if (key == "required_capabilities") {
      read_capabilities(field.value(), out);
    }
  }
}

void read_request(ondemand::document& document, ResourceRequest& in) {
  for (auto field : document.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "resource") {
      read_resource(field.value(), in);
    } else if (key == "parameters") {
      for (auto inner : field.value().get_object()) {
        std::string_view name = inner.unescaped_key();
        if (name == "allowed_capabilities")
          read_list(inner.value(), in.allowed, in.allowed_count);
        else if (name == "max_concurrent_tickets")
          read_amount(inner.value(), in.limit, in.wrongs, "parameters.max_concurrent_tickets");
      }
    } else if (key == "context") {
      for (auto inner : field.value().get_object()) {
        if (inner.unescaped_key().value() == "total_tickets")
          read_amount(inner.value(), in.total, in.wrongs, "context.total_tickets");
      }
    }
  }
}

void take_capabilities(const Found& value, ResourceRequest& in) {
  dom::element found;
  dom::array items;
  if (value.get(found)) return;
  if (!found.get(items) && items.size() <= most_capabilities)
    take(value, in.required, in.required_count);
  else
    in.wrongs.add("required_capabilities", capabilities_expected,
                  in.wrongs.keep(simdjson::minify(found)));
}

void read_request(dom::element document, ResourceRequest& in) {
  Found resource = document["resource"], sla = resource["sla"], limits = document["parameters"];
  take_text(resource["risk_band"], in.band, in.wrongs, "risk_band");
  in.has_sla = take_object(sla, in.wrongs, "sla");
  in.has_timeout = sla["timeout_ms"].error() == simdjson::SUCCESS;
  take_amount(sla["timeout_ms"], in.timeout, in.wrongs, "sla.timeout_ms");
  take_amount(sla["max_retries"], in.retries, in.wrongs, "sla.max_retries");
  take_amount(resource["estimated_duration_ms"], in.estimate, in.wrongs, "estimated_duration_ms");
  take_capabilities(resource["required_capabilities"], in);
  take(limits["allowed_capabilities"], in.allowed, in.allowed_count);
  take_amount(limits["max_concurrent_tickets"], in.limit, in.wrongs,
              "parameters.max_concurrent_tickets");
  take_amount(document["context"]["total_tickets"], in.total, in.wrongs, "context.total_tickets");
}

/// A warning about a field that is missing, or none.
std::string_view missing_warning(const ResourceRequest& in) {
  if (!in.has_sla)
    return "{\"field\":\"sla\",\"msg\":\"Campo sla "
           "ausente\",\"policy\":\"resource_limits\",\"rule\":"
           "\"missing_field\"}";
  if (!in.has_timeout)
    return "{\"field\":\"sla.timeout_ms\",\"msg\":\"Campo sla.timeout_ms ausente\",\"policy\":"
           "\"resource_limits\",\"rule\":\"missing_field\"}";
  return "";
}

void apply(const ResourceRequest& in, Violations& violations, std::string& out) {
  int band = band_of(in.band);
  if (band >= 0 && in.timeout.present && in.timeout.value > timeout_limits[band]) {
    put(violations.add_number(in.timeout.value).body, ",\"expected\":", timeout_limits[band],
        ",\"field\":\"sla.timeout_ms\",\"msg\":\"Timeout ", in.timeout.value,
        "ms excede o máximo de ", timeout_limits[band], "ms para risk_band ", in.band,
        "\",\"policy\":\"resource_limits\",\"rule\":\"timeout_exceeds_maximum\",\"severity\":"
        "\"high\"}");
  }
  if (band >= 0 && in.retries.present && in.retries.value > retry_limits[band]) {
    put(violations.add_number(in.retries.value).body, ",\"expected\":", retry_limits[band],
        ",\"field\":\"sla.max_retries\",\"msg\":\"Max retries ", in.retries.value,
        " excede o máximo de ", retry_limits[band], " para risk_band ", in.band,
        "\",\"policy\":\"resource_limits\",\"rule\":\"retries_exceed_maximum\",\"severity\":"
        "\"medium\"}");
  }
  if (in.estimate.present && in.estimate.value < 1000) {
    put(violations.add_number(in.estimate.value).body,
        ",\"expected\":1000,\"field\":\"estimated_duration_ms\",\"msg\":\"Duração estimada ",
        in.estimate.value,
        "ms é muito curta (mínimo "
        "1000ms)\",\"policy\":\"resource_limits\",\"rule\":\"estimated_duration_unrealistic\","
        "\"severity\":\"low\"}");
  }
  if (in.estimate.present && in.timeout.present && in.estimate.value >= in.timeout.value) {
    put(violations.add_number(in.estimate.value).body, ",\"expected\":", in.timeout.value,
        ",\"field\":\"estimated_duration_ms\",\"msg\":\"Duração estimada ", in.estimate.value,
        "ms é maior ou igual ao timeout ", in.timeout.value,
        "ms\",\"policy\":\"resource_limits\",\"rule\":\"estimated_duration_unrealistic\","
        "\"severity\":\"medium\"}");
  }
  auto allowed_end = in.allowed.begin() + static_cast<std::ptrdiff_t>(in.allowed_count);
  for (std::size_t i = 0; i < in.required_count; ++i) {
    if (std::find(in.allowed.begin(), allowed_end, in.required[i]) != allowed_end) continue;
    put(violations.add_text(in.required[i]).body,
        ",\"field\":\"required_capabilities\",\"msg\":\"Capability ", in.required[i],
        " não está na lista "
        "permitida\",\"policy\":\"resource_limits\",\"rule\":\"capabilities_not_allowed\","
        "\"severity\":\"high\"}");
  }
  if (in.limit.present && in.total.present && in.total.value > in.limit.value) {
    put(violations.add_number(in.total.value).body, ",\"expected\":", in.limit.value,
        ",\"field\":\"context.total_tickets\",\"msg\":\"Total de tickets ", in.total.value,
        " excede o limite concorrente de ", in.limit.value,
        "\",\"policy\":\"resource_limits\",\"rule\":\"concurrent_tickets_limit\",\"severity\":"
        "\"high\"}");
  }
  violations.add_wrong(in.wrongs, "resource_limits");
  violations.write(out, missing_warning(in));
}

// ---- sla_enforcement
// -------------------------------------------------------------------------------

struct SlaRequest {
  std::string_view band, mode, consistency, priority;
  Optional timeout, deadline, estimate, now;
  Wrongs wrongs;
};

constexpr std::string_view qos_expected = "string, or array of at most 100 strings";

constexpr std::string_view mode_lists[] = {"[\"EXACTLY_ONCE\"]", "[\"EXACTLY_ONCE\"]",
                                           "[\"AT_LEAST_ONCE\"]",
                                           "[\"AT_LEAST_ONCE\",\"AT_MOST_ONCE\"]"};
constexpr std::string_view consistency_lists[] = {"[\"STRONG\"]", "[\"STRONG\"]",
                                                  "[\"STRONG\",\"EVENTUAL\"]",
                                                  "[\"STRONG\",\"EVENTUAL\",\"WEAK\"]"};
constexpr std::string_view priority_lists[] = {"[\"CRITICAL\"]", "[\"CRITICAL\",\"HIGH\"]",
                                               "[\"CRITICAL\",\"HIGH\",\"NORMAL\"]",
                                               "[\"CRITICAL\",\"HIGH\",\"NORMAL\",\"LOW\"]"};

/// True if the list's text holds the quoted value.
bool holds(std::string_view list, std::string_view value) {
  for (std::size_t at = list.find(value); at != std::string_view::npos;
       at = list.find(value, at + 1)) {
    if (list[at - 1] == '"' && list[at + value.size()] == '"') return true;
  }
  return false;
}

void read_qos(ondemand::value value, SlaRequest& out) {
  if (!is_object(value, out.wrongs, "qos")) return;
  for (auto field : value.get_object()) {
    std::string_view name = field.unescaped_key();
    bool is_mode = name == "delivery_mode";
    if (!is_mode && name != "consistency") continue;
    ondemand::value found = field.value();
    if (found.get_string().get(is_mode ? out.mode : out.consistency))
      out.wrongs.add(is_mode ? "qos.delivery_mode" : "qos.consistency", qos_expected,
                     json_of(found));
  }
}

void read_sla_resource(ondemand::value value, SlaRequest& out) {
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "risk_band")
      read_text(field.value(), out.band, out.wrongs, "risk_band");
    else if (key == "priority")
      read_text(field.value(), out.priority, out.wrongs, "priority");
    else if (key == "sla")
      read_sla(field.value(), out.timeout, nullptr, &out.deadline, out.wrongs);
    else if (key == "estimated_duration_ms")
      read_amount(field.value(), out.estimate, out.wrongs, "estimated_duration_ms");
    else if (key == "qos")
      read_qos(field.value(), out);
  }
}

void check_qos(Violations& violations, const SlaRequest& in, int band, std::string_view field,
               std::string_view actual, std::string_view list) {
  if (actual.empty() || holds(list, actual)) return;
  put(violations.add_text(actual).body, ",\"expected\":", list, ",\"field\":\"qos.", field,
      "\",\"msg\":\"QoS ", field, " ", actual, " não está alinhado com risk_band ", in.band,
      "\",\"policy\":\"sla_enforcement\",\"rule\":\"qos_mismatch_risk_band\",\"severity\":\"",
      std::string_view(band == 0 ? "critical" : "high"), "\"}");
}

void read_request(ondemand::document& document, SlaRequest& in) {
  for (auto field : document.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "resource") {
      read_sla_resource(field.value(), in);
    } else if (key == "context") {
      for (auto inner : field.value().get_object()) {
        if (inner.unescaped_key().value() == "current_time")
          read_amount(inner.value(), in.now, in.wrongs, "context.current_time");
      }
    }
  }
}

void take_qos(const Found& value, std::string_view& out, Wrongs& wrongs, std::string_view field) {
  dom::element found;
  if (value.get(found)) return;
  if (found.get(out)) wrongs.add(field, qos_expected, wrongs.keep(simdjson::minify(found)));
}

void read_request(dom::element document, SlaRequest& in) {
  Found resource = document["resource"], sla = resource["sla"], qos = resource["qos"];
  take_text(resource["risk_band"], in.band, in.wrongs, "risk_band");
  take_text(resource["priority"], in.priority, in.wrongs, "priority");
  take_object(sla, in.wrongs, "sla");
  take_object(qos, in.wrongs, "qos");
  take_amount(sla["timeout_ms"], in.timeout, in.wrongs, "sla.timeout_ms");
  take_amount(sla["deadline"], in.deadline, in.wrongs, "sla.deadline");
  take_amount(resource["estimated_duration_ms"], in.estimate, in.wrongs, "estimated_duration_ms");
  take_qos(qos["delivery_mode"], in.mode, in.wrongs, "qos.delivery_mode");
  take_qos(qos["consistency"], in.consistency, in.wrongs, "qos.consistency");
  take_amount(document["context"]["current_time"], in.now, in.wrongs, "context.current_time");
}

void apply(const SlaRequest& in, Violations& violations, std::string& warning, std::string& out) {
  warning.clear();
  int band = band_of(in.band);
  if (in.deadline.present && in.now.present) {
    std::int64_t remaining = in.deadline.value - in.now.value;
    if (remaining < 0) {
      put(violations.add_number(in.deadline.value).body, ",\"expected\":", in.now.value,
          ",\"field\":\"sla.deadline\",\"msg\":\"Deadline ", in.deadline.value,
          " está no "
          "passado\",\"policy\":\"sla_enforcement\",\"rule\":\"deadline_in_past\",\"severity\":"
          "\"critical\"}");
    }
    if (remaining > 604800000) {
      put(violations.add_number(in.deadline.value).body,
          ",\"expected\":", std::int64_t{in.now.value + 604800000},
          ",\"field\":\"sla.deadline\",\"msg\":\"Deadline ", in.deadline.value,
          " está muito distante (mais de 7 "
          "dias)\",\"policy\":\"sla_enforcement\",\"rule\":\"deadline_too_far\",\"severity\":"
          "\"medium\"}");
    }
    if (remaining > 0 && in.timeout.present && remaining * 5 < in.timeout.value) {
      put(warning, "{\"msg\":\"Deadline se aproximando: restam ", remaining, "ms de ",
          in.timeout.value,
          "ms\",\"policy\":\"sla_enforcement\",\"rule\":\"deadline_approaching_threshold\"}");
    }
  }
  if (band >= 0) {
    check_qos(violations, in, band, "consistency", in.consistency, consistency_lists[band]);
    check_qos(violations, in, band, "delivery_mode", in.mode, mode_lists[band]);
    if (!in.priority.empty() && !holds(priority_lists[band], in.priority)) {
      put(violations.add_text(in.priority).body, ",\"expected\":", priority_lists[band],
          ",\"field\":\"priority\",\"msg\":\"Priority ", in.priority,
          " não é permitida para risk_band ", in.band,
          "\",\"policy\":\"sla_enforcement\",\"rule\":\"priority_mismatch_risk_band\",\"severity\":"
          "\"medium\"}");
    }
  }
  if (in.timeout.present && in.estimate.present && in.timeout.value * 2 < in.estimate.value * 3) {
    std::string& body = violations.add_number(in.timeout.value).body;
    put(body, ",\"expected\":");
    double minimum = static_cast<double>(in.estimate.value) * 1.5;
    if (in.estimate.value % 2 == 0) {
      append(body, in.estimate.value / 2 * 3);
    } else {
      char buffer[32];
      auto end = minimum >= 1e6 ? std::to_chars(buffer, buffer + sizeof buffer, minimum,
                                                std::chars_format::scientific)
                                      .ptr
                                : std::to_chars(buffer, buffer + sizeof buffer, minimum,
                                                std::chars_format::fixed)
                                      .ptr;
      body.append(buffer, end);
    }
    put(body, ",\"field\":\"sla.timeout_ms\",\"msg\":\"Timeout ", in.timeout.value,
        "ms é insuficiente para a duração estimada ", in.estimate.value,
        "ms\",\"policy\":\"sla_enforcement\",\"rule\":\"timeout_insufficient\",\"severity\":"
        "\"high\"}");
  }
  violations.add_wrong(in.wrongs, "sla_enforcement");
  violations.write(out, warning);
}

// ---- feature_flags
// ---------------------------------------------------------------------------------

struct FlagsRequest {
  std::string_view band, name_space, tenant;
  bool scheduler = false, burst = false, predictive = false, scaling = false;
  double load = NAN, accuracy = NAN, burst_threshold = 0.8;
  Optional queue, now, scaling_threshold{100, true};
  std::array<std::string_view, 32> scheduler_namespaces, premium, early;
  std::size_t scheduler_count = 0, premium_count = 0, early_count = 0;
};

void read_flag(ondemand::value value, bool& out) {
  if (value.get_bool().get(out)) out = false;
}

void read_flags(ondemand::value value, FlagsRequest& out) {
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "intelligent_scheduler_enabled")
      read_flag(field.value(), out.scheduler);
    else if (key == "scheduler_namespaces")
      read_list(field.value(), out.scheduler_namespaces, out.scheduler_count);
    else if (key == "burst_capacity_enabled")
      read_flag(field.value(), out.burst);
    else if (key == "burst_threshold")
      read(field.value(), out.burst_threshold);
    else if (key == "premium_tenants")
      read_list(field.value(), out.premium, out.premium_count);
    else if (key == "predictive_allocation_enabled")
      read_flag(field.value(), out.predictive);
    else if (key == "auto_scaling_enabled")
      read_flag(field.value(), out.scaling);
    else if (key == "scaling_threshold")
      read(field.value(), out.scaling_threshold);
    else if (key == "early_access_tenants")
      read_list(field.value(), out.early, out.early_count);
  }
}

void read_context(ondemand::value value, FlagsRequest& out) {
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "namespace")
      read(field.value(), out.name_space);
    else if (key == "current_load")
      read(field.value(), out.load);
    else if (key == "tenant_id")
      read(field.value(), out.tenant);
    else if (key == "queue_depth")
      read(field.value(), out.queue);
    else if (key == "current_time")
      read(field.value(), out.now);
    else if (key == "model_accuracy")
      read(field.value(), out.accuracy);
  }
}

bool in_list(const std::array<std::string_view, 32>& list, std::size_t count,
             std::string_view wanted) {
  return std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count), wanted) !=
         list.begin() + static_cast<std::ptrdiff_t>(count);
}

void read_request(ondemand::document& document, FlagsRequest& in) {
  for (auto field : document.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "resource") {
      for (auto inner : field.value().get_object()) {
        if (inner.unescaped_key().value() == "risk_band") read(inner.value(), in.band);
      }
    } else if (key == "flags") {
      read_flags(field.value(), in);
    } else if (key == "context") {
      read_context(field.value(), in);
    }
  }
}

void read_request(dom::element document, FlagsRequest& in) {
  Found flags = document["flags"], context = document["context"];
  take(document["resource"]["risk_band"], in.band);
  take(flags["intelligent_scheduler_enabled"], in.scheduler);
  take(flags["scheduler_namespaces"], in.scheduler_namespaces, in.scheduler_count);
  take(flags["burst_capacity_enabled"], in.burst);
  take(flags["burst_threshold"], in.burst_threshold);
  take(flags["premium_tenants"], in.premium, in.premium_count);
  take(flags["predictive_allocation_enabled"], in.predictive);
  take(flags["auto_scaling_enabled"], in.scaling);
  take(flags["scaling_threshold"], in.scaling_threshold);
  take(flags["early_access_tenants"], in.early, in.early_count);
  take(context["namespace"], in.name_space);
  take(context["current_load"], in.load);
  take(context["tenant_id"], in.tenant);
  take(context["queue_depth"], in.queue);
  take(context["current_time"], in.now);
  take(context["model_accuracy"], in.accuracy);
}

void apply(const FlagsRequest& in, std::string& out) {
  bool critical = in.band == "critical";
  bool scheduler = in.scheduler &&
                   in_list(in.scheduler_namespaces, in.scheduler_count, in.name_space) &&
                   (critical || in.band == "high");
  bool burst = in.burst && in.load < in.burst_threshold &&
               (critical || in_list(in.premium, in.premium_count, in.tenant));
  bool beta =
      in.name_space == "production-beta" || in.name_space == "staging" || in.name_space == "beta";
  bool predictive = in.predictive && in.accuracy > 0.85 && beta;
  std::int64_t hour = (in.now.value + 86400000 - 3 * 3600000) % 86400000 / 3600000;
  bool scaling = in.scaling && in.queue.present && in.queue.value > in.scaling_threshold.value &&
                 in.now.present && hour >= 8 && hour < 18;
  bool experimental = in.name_space == "dev" || in.name_space == "development" ||
                      in.name_space == "staging" || in_list(in.early, in.early_count, in.tenant);
  auto flag = [](bool value) { return std::string_view(value ? "true" : "false"); };
  put(out, "{\"enable_auto_scaling\":", flag(scaling), ",\"enable_burst_capacity\":", flag(burst),
      ",\"enable_experimental_features\":", flag(experimental),
      ",\"enable_intelligent_scheduler\":", flag(scheduler),
      ",\"enable_predictive_allocation\":", flag(predictive), "}");
}

}  // namespace

struct Handwritten::Impl {
  ondemand::parser parser;
  dom::parser tree_parser;
  std::string buffer;
  Violations violations;
  std::string warning;

  void answer(const ResourceRequest& in, std::string& out) { apply(in, start(out), out); }
  void answer(const SlaRequest& in, std::string& out) { apply(in, start(out), warning, out); }
  void answer(const FlagsRequest& in, std::string& out) {
    out.clear();
    apply(in, out);
  }

  Violations& start(std::string& out) {
    out.clear();
    violations.count = 0;
    return violations;
  }

  /// Reads and decides what a parser has made of a request.
  template <typename Document>
  void answer(PolicyName policy, Document& document, std::string& out) {
    switch (policy) {
      case PolicyName::resource_limits:
        return answer(read<ResourceRequest>(document), out);
      case PolicyName::sla_enforcement:
        return answer(read<SlaRequest>(document), out);
      case PolicyName::feature_flags:
        return answer(read<FlagsRequest>(document), out);
    }
  }

  template <typename Request, typename Document>
  static Request read(Document& document) {
    Request out;
    read_request(document, out);
    return out;
  }

  void keep(std::string_view request) {
    buffer.reserve(request.size() + simdjson::SIMDJSON_PADDING);
    buffer.assign(request);
  }
};

Handwritten::Handwritten() : impl_(std::make_unique<Impl>()) {}
Handwritten::~Handwritten() = default;

void Handwritten::decide(PolicyName policy, std::string_view request, std::string& out) {
  impl_->keep(request);
  ondemand::document document;
  const std::string& text = impl_->buffer;
  if (impl_->parser.iterate(text.data(), text.size(), text.capacity()).get(document)) return;
  impl_->answer(policy, document, out);
}

void Handwritten::decide_by_tree(PolicyName policy, std::string_view request, std::string& out) {
  impl_->keep(request);
  dom::element document;
  const std::string& text = impl_->buffer;
  if (impl_->tree_parser.parse(text.data(), text.size(), false).get(document)) return;
  impl_->answer(policy, document, out);
}

struct ReadRequest::Fields {
  ResourceRequest resource;
  SlaRequest sla;
  FlagsRequest flags;
  PolicyName policy;
  dom::parser texts;
};

ReadRequest::ReadRequest(PolicyName policy, std::string_view request)
    : fields_(std::make_unique<Fields>()) {
  fields_->policy = policy;
  dom::element document;
  if (fields_->texts.parse(request.data(), request.size()).get(document)) return;
  if (policy == PolicyName::resource_limits)
    read_request(document, fields_->resource);
  else if (policy == PolicyName::sla_enforcement)
    read_request(document, fields_->sla);
  else
    read_request(document, fields_->flags);
}
ReadRequest::ReadRequest(ReadRequest&&) noexcept = default;
ReadRequest::~ReadRequest() = default;

void Handwritten::decide(const ReadRequest& request, std::string& out) {
  const ReadRequest::Fields& fields = *request.fields_;
  switch (fields.policy) {
    case PolicyName::resource_limits:
      return impl_->answer(fields.resource, out);
    case PolicyName::sla_enforcement:
      return impl_->answer(fields.sla, out);
    case PolicyName::feature_flags:
      return impl_->answer(fields.flags, out);
  }
}

}  // namespace lictor::bench
