// Hand-written decisions: the fields are read, then the rules applied to them. On-Demand goes once
// through the request; of a document tree (DOM) the fields are asked by name.
#include "handwritten.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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

/// A violation on its way out; sorted as the set of violation objects is.
struct Violation {
  bool text_actual = false;
  std::int64_t number = 0;
  std::string_view text;
  bool has_expected = false;
  bool text_expected = false;  // an expected list, which sorts after numbers
  std::string body;            // everything behind "actual"

  bool operator<(const Violation& other) const {
    if (text_actual != other.text_actual) return !text_actual;
    if (!text_actual && number != other.number) return number < other.number;
    if (text_actual && text != other.text) return text < other.text;
    return body < other.body;
  }
};

struct Violations {
  std::array<Violation, 16> items;
  std::size_t count = 0;

  Violation& add() {
    Violation& out = items[count++];
    out.text_actual = false;
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
    out.text_actual = true;
    out.text = actual;
    return out;
  }

  void write(std::string& out, std::string_view warnings) {
    std::sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count));
    out += count == 0 ? "{\"allow\":true,\"violations\":[" : "{\"allow\":false,\"violations\":[";
    for (std::size_t i = 0; i < count; ++i) {
      const Violation& item = items[i];
      bool same = i > 0 && !(items[i - 1] < item);
      if (same) continue;
      out += i == 0 ? "{\"actual\":" : ",{\"actual\":";
      if (item.text_actual) {
        out += '"';
        out += item.text;
        out += '"';
      } else {
        append(out, item.number);
      }
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

// ---- resource_limits
// -------------------------------------------------------------------------------

struct ResourceRequest {
  std::string_view band;
  Optional timeout, retries, estimate, limit, total;
  std::array<std::string_view, 32> required, allowed;
  std::size_t required_count = 0, allowed_count = 0;
};

void read_list(ondemand::value value, std::array<std::string_view, 32>& out, std::size_t& count) {
  for (auto item : value.get_array()) {
    if (count < out.size() && item.get_string().get(out[count]) == simdjson::SUCCESS) ++count;
  }
}

void read_sla(ondemand::value value, Optional& timeout, Optional& retries, Optional& deadline) {
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "timeout_ms")
      read(field.value(), timeout);
    else if (key == "max_retries")
      read(field.value(), retries);
    else if (key == "deadline")
      read(field.value(), deadline);
  }
}

void read_resource(ondemand::value value, ResourceRequest& out) {
  Optional unused;
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "risk_band")
      read(field.value(), out.band);
    else if (key == "sla")
      read_sla(field.value(), out.timeout, out.retries, unused);
    else if (key == "estimated_duration_ms")
      read(field.value(), out.estimate);
    else if (key == "required_capabilities")
      read_list(field.value(), out.required, out.required_count);
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
          read(inner.value(), in.limit);
      }
    } else if (key == "context") {
      for (auto inner : field.value().get_object()) {
        if (inner.unescaped_key().value() == "total_tickets") read(inner.value(), in.total);
      }
    }
  }
}

void read_request(dom::element document, ResourceRequest& in) {
  Found resource = document["resource"], sla = resource["sla"], limits = document["parameters"];
  take(resource["risk_band"], in.band);
  take(sla["timeout_ms"], in.timeout);
  take(sla["max_retries"], in.retries);
  take(resource["estimated_duration_ms"], in.estimate);
  take(resource["required_capabilities"], in.required, in.required_count);
  take(limits["allowed_capabilities"], in.allowed, in.allowed_count);
  take(limits["max_concurrent_tickets"], in.limit);
  take(document["context"]["total_tickets"], in.total);
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
  violations.write(out, "");
}

// ---- sla_enforcement
// -------------------------------------------------------------------------------

struct SlaRequest {
  std::string_view band, mode, consistency, priority;
  Optional timeout, deadline, estimate, now;
};

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

void read_sla_resource(ondemand::value value, SlaRequest& out) {
  Optional unused;
  for (auto field : value.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "risk_band")
      read(field.value(), out.band);
    else if (key == "priority")
      read(field.value(), out.priority);
    else if (key == "sla")
      read_sla(field.value(), out.timeout, unused, out.deadline);
    else if (key == "estimated_duration_ms")
      read(field.value(), out.estimate);
    else if (key == "qos") {
      for (auto inner : field.value().get_object()) {
        std::string_view name = inner.unescaped_key();
        if (name == "delivery_mode")
          read(inner.value(), out.mode);
        else if (name == "consistency")
          read(inner.value(), out.consistency);
      }
    }
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
        if (inner.unescaped_key().value() == "current_time") read(inner.value(), in.now);
      }
    }
  }
}

void read_request(dom::element document, SlaRequest& in) {
  Found resource = document["resource"], sla = resource["sla"], qos = resource["qos"];
  take(resource["risk_band"], in.band);
  take(resource["priority"], in.priority);
  take(sla["timeout_ms"], in.timeout);
  take(sla["deadline"], in.deadline);
  take(resource["estimated_duration_ms"], in.estimate);
  take(qos["delivery_mode"], in.mode);
  take(qos["consistency"], in.consistency);
  take(document["context"]["current_time"], in.now);
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
