// Steps → a table, or an expression with the values of its parts below. Source of the forms: OPA
// v1/topdown/trace.go and lineage.
#include "trace_text.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace lictor::cli {
namespace {

using Kind = TraceEvent::Kind;
using Node = TraceEvent::Node;

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::enter:
      return "Enter";
    case Kind::eval:
      return "Eval";
    case Kind::fail:
      return "Fail";
    case Kind::exit:
      return "Exit";
    case Kind::redo:
      return "Redo";
    case Kind::duplicate:
      return "Duplicate";
    case Kind::note:
      return "Note";
    case Kind::index:
      return "Index";
    case Kind::unify:
      return "Unify";
    case Kind::test_case:
      return "TestCase";
  }
  return "";
}

std::string shortened(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

bool is_query_node(const TraceEvent& event) {
  return event.node == Node::rule || event.node == Node::body;
}

// ---- The table ----

/// A query is one level deeper than the one that asks for it.
class Depths {
 public:
  std::size_t of(const TraceEvent& event) {
    std::size_t& depth = depths_[event.query_id];
    if (depth == 0) depth = depths_[event.parent_id] + 1;
    return depth;
  }

 private:
  std::map<std::uint64_t, std::size_t> depths_;
};

std::string step_text(const TraceEvent& event, std::size_t depth) {
  bool outside = event.kind == Kind::enter || (event.kind == Kind::redo && is_query_node(event));
  std::string out;
  for (std::size_t i = outside ? 1 : 0; i < depth; ++i) out += "| ";
  out += kind_name(event.kind);
  if (event.kind == Kind::note) return out + " \"" + event.message + "\"";
  out += " " + event.text;
  return event.message.empty() ? out : out + " " + event.message;
}

std::string variables_text(const TraceEvent& event) {
  constexpr std::size_t widest = 32;
  std::string out;
  for (const TraceVariable& variable : event.variables)
    out += (out.empty() ? "" : ", ") + variable.name + ": " + shortened(variable.value, widest);
  return "{" + out + "}";
}

/// A path behind its first folder, without the file.
std::string folders_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  std::string folders = slash == std::string::npos ? "." : path.substr(0, slash);
  if (folders.starts_with('/')) folders.erase(0, 1);
  std::size_t first = folders.find('/');
  bool has_first = first != std::string::npos && first > 0;
  return has_first ? folders.substr(first + 1) : folders;
}

std::string longest_in_common(const std::vector<std::string>& texts) {
  const std::string& first = texts[0];
  std::string best;
  for (std::size_t from = 0; from < first.size(); ++from) {
    for (std::size_t size = best.size() + 1; from + size <= first.size(); ++size) {
      std::string part = first.substr(from, size);
      bool in_all = std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return text.find(part) != std::string::npos;
      });
      if (!in_all) break;
      best = std::move(part);
    }
  }
  return best;
}

/// Files by the names that they are shown by: long ones lose what all have in common.
std::map<std::string, std::string> short_names(const std::vector<TraceEvent>& events) {
  constexpr std::size_t wide_enough = 64;
  std::map<std::string, std::string> out;
  std::size_t widest = 0;
  for (const TraceEvent& event : events) {
    const std::string& file = event.range.file.empty() ? "query" : event.range.file;
    widest = std::max(widest, file.size() + 1 + std::to_string(event.range.row).size());
    if (!event.range.file.empty()) out[file] = file;
  }
  if (out.empty() || widest <= wide_enough) return out;
  std::vector<std::string> folders;
  for (const auto& [file, shown] : out) folders.push_back(folders_of(file));
  std::string common = folders.size() > 1 ? longest_in_common(folders) : folders[0];
  auto spare = static_cast<std::ptrdiff_t>(wide_enough) -
               static_cast<std::ptrdiff_t>(widest - common.size() + 3);
  if (spare > 0)
    common.resize(common.size() - std::min(common.size(), static_cast<std::size_t>(spare)));
  if (common.size() <= 3) return out;
  for (auto& [file, shown] : out) {
    std::size_t at = shown.find(common);
    if (at != std::string::npos) shown.replace(at, common.size(), "...");
  }
  return out;
}

std::string place_text(const TraceEvent& event, const std::map<std::string, std::string>& names) {
  if (event.range.row == 0) return "";
  const std::string& file = event.range.file;
  return (file.empty() ? "query" : names.at(file)) + ":" + std::to_string(event.range.row);
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// ---- Values ----

/// A line with an arrow to each of the first `count` values; the last one may be told instead.
std::string arrows(const std::vector<TraceValue>& values, std::size_t count, bool tells) {
  constexpr std::size_t widest = 64;
  std::string out;
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const TraceValue& value = values[i];
    bool last = i + 1 == count;
    bool shared_behind = i + 1 < values.size() && values[i + 1].col == value.col;
    if (!last && shared_behind) continue;
    for (std::uint32_t col = at + 1; col < value.col; ++col) {
      bool tab = std::find(value.tabs.begin(), value.tabs.end(), col) != value.tabs.end();
      out += tab ? '\t' : ' ';
    }
    at = value.col;
    if (!last || !tells) {
      out += '|';
      continue;
    }
    bool shared = shared_behind || (i > 0 && values[i - 1].col == value.col);
    if (shared) out += value.text + ": ";
    out += shortened(value.value, widest);
  }
  return out;
}

bool has_tabs_in_rows(const std::vector<TraceValue>& values) {
  std::set<std::uint32_t> rows;
  bool tabs = false;
  for (const TraceValue& value : values) {
    rows.insert(value.row);
    tabs = tabs || !value.tabs.empty();
  }
  return tabs && rows.size() > 1;
}

}  // namespace

Explain explain_named(const std::string& name) {
  if (name == "notes") return Explain::notes;
  if (name == "fails") return Explain::fails;
  if (name == "full") return Explain::full;
  return name == "debug" ? Explain::debug : Explain::off;
}

bool TraceLog::picks(const TraceEvent& event) const {
  bool note = event.kind == Kind::note, fail = event.kind == Kind::fail;
  switch (kept_) {
    case Explain::notes:
      return note;
    case Explain::fails:
      return fail;
    case Explain::fails_and_notes:
      return note || fail;
    default:
      return false;
  }
}

void TraceLog::hear(const TraceEvent& event) {
  if (kept_ == Explain::full || kept_ == Explain::debug) {
    events_.push_back(event);
    return;
  }
  if (picks(event)) keep_with_queries(event);
  bool begins = event.kind == Kind::enter || event.kind == Kind::redo;
  if (begins && is_query_node(event)) begun_[event.query_id] = event;
}

/// Keeps an event behind the beginnings of the queries that it is within, outermost first.
void TraceLog::keep_with_queries(const TraceEvent& event) {
  std::vector<const TraceEvent*> path;
  const TraceEvent* before = nullptr;
  for (auto at = begun_.find(event.query_id); at != begun_.end() && &at->second != before;
       at = begun_.find(before->parent_id)) {
    before = &at->second;
    path.push_back(before);
  }
  for (auto at = path.rbegin(); at != path.rend(); ++at) events_.push_back(**at);
  events_.push_back(event);
  begun_.clear();
}

bool is_failing_line(const TraceEvent& event) {
  return event.kind == Kind::fail && event.query_id != 0 && event.node != Node::every &&
         event.range.row != 0;
}

std::string trace_table(const std::vector<TraceEvent>& events, bool variables,
                        const std::string& indent) {
  constexpr std::size_t padding = 4;
  std::map<std::string, std::string> names = short_names(events);
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> widths(variables ? 3 : 2, 0);
  Depths depths;
  for (const TraceEvent& event : events) {
    std::vector<std::string> row = {place_text(event, names), step_text(event, depths.of(event))};
    if (variables) row.push_back(variables_text(event));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    rows.push_back(std::move(row));
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += indent + row[i];
      if (i + 1 == row.size()) continue;
      std::size_t width = widths[i] + padding, own = characters(row[i]);
      out += std::string(width > own ? width - own : 0, ' ') + " ";
    }
    out += indent + "\n";
  }
  return out;
}

std::string values_below(const TraceEvent& failure) {
  constexpr std::size_t widest = 64;
  std::vector<TraceValue> values = failure.values;
  std::string out = failure.source;
  if (has_tabs_in_rows(values)) {
    out += "\n\nWhere:\n";
    for (const TraceValue& value : values)
      out += "\n" + value.text + ": " + shortened(value.value, widest);
    return out;
  }
  std::sort(values.begin(), values.end(), [](const TraceValue& a, const TraceValue& b) {
    return std::tie(a.col, b.row, a.text) < std::tie(b.col, a.row, b.text);
  });
  if (values.empty()) return out;
  out += "\n" + arrows(values, values.size(), false);
  for (std::size_t i = values.size(); i > 0; --i) out += "\n" + arrows(values, i, true);
  return out;
}

}  // namespace lictor::cli
