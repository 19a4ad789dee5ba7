// Traces queries and compares what they came to with what there is.
#include "coverage.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "load.hpp"

namespace lictor::cli {
namespace {

using Range = std::vector<std::uint32_t>;
using Ranges = std::set<Range>;

Range as_range(const TextRange& range) {
  return {range.row, range.col, range.end_row, range.end_col};
}

bool contains(const Range& outer, const Range& inner) {
  return std::pair(outer[0], outer[1]) <= std::pair(inner[0], inner[1]) &&
         std::pair(outer[2], outer[3]) >= std::pair(inner[2], inner[3]);
}

bool is_covered(const Range& range, const Ranges& by) {
  return std::any_of(by.begin(), by.end(),
                     [&](const Range& other) { return contains(other, range); });
}

std::set<std::uint32_t> rows_of(const Ranges& ranges) {
  std::set<std::uint32_t> out;
  for (const Range& range : ranges) {
    for (std::uint32_t row = range[0]; row <= range[2]; ++row) out.insert(row);
  }
  return out;
}

nlohmann::ordered_json range_json(const Range& range) {
  return {{"start", {{"row", range[0]}, {"col", range[1]}}},
          {"end", {{"row", range[2]}, {"col", range[3]}}}};
}

/// A share in per cent, without a fraction where it has none.
nlohmann::ordered_json percentage(double covered, double all) {
  double share = 100.0 * covered / all;
  auto whole = static_cast<std::int64_t>(share);
  if (static_cast<double>(whole) == share) return whole;
  return share;
}

/// "FILE:FIRST-LAST" for rows that follow each other, each behind a tab.
std::string row_text(const std::string& file, const std::set<std::uint32_t>& rows) {
  std::string out;
  for (auto first = rows.begin(); first != rows.end();) {
    auto last = first;
    while (std::next(last) != rows.end() && *std::next(last) == *last + 1) ++last;
    out += "\n\t" + file + ":" + std::to_string(*first);
    if (*last != *first) out += "-" + std::to_string(*last);
    first = std::next(last);
  }
  return out;
}

}  // namespace

std::string wrong_runs(const std::vector<std::string>& kinds) {
  for (const std::string& kind : kinds) {
    if (kind == "index_excluded" || kind == "early_exit") continue;
    return "invalid --coverage-runs value " + to_json(Value::string(kind)) +
           " (expected \"index_excluded\" or \"early_exit\")";
  }
  return {};
}

void Coverage::trace(Engine& engine, const std::string& query, const QueryOptions& options,
                     const std::string_view* input, bool index, bool early_exit, Files& covered) {
  TraceOptions how;
  how.index = index;
  how.early_exit = early_exit;
  how.hear = [&](const TraceEvent& event) {
    bool counts = (event.kind == TraceEvent::Kind::exit && event.node == TraceEvent::Node::rule) ||
                  event.kind == TraceEvent::Kind::eval;
    if (counts && !event.range.file.empty())
      covered[event.range.file].insert(as_range(event.range));
  };
  // An error is told where the query is decided; what was covered before it counts.
  Result<QueryResult> result = engine.trace(query, options, input, how);
  static_cast<void>(result);
}

void Coverage::run(Engine& engine, const std::string& query, const QueryOptions& options,
                   const std::string_view* input) {
  trace(engine, query, options, input, true, true, covered_);
  for (const std::string& kind : kinds_) {
    bool index = kind != "index_excluded";
    trace(engine, query, options, input, index, kind != "early_exit", covered_by_[kind]);
  }
}

Coverage::Report Coverage::report(const Engine& engine) const {
  Files missing;
  for (const auto& [file, ranges] : covered_) missing[file];
  for (const TextRange& range : engine.coverable()) {
    Ranges& open = missing[names_ == Names::keys ? trimmed_of_slashes(range.file) : range.file];
    auto covered = covered_.find(range.file);
    bool done = covered != covered_.end() && is_covered(as_range(range), covered->second);
    if (!done) open.insert(as_range(range));
  }
  Report out;
  nlohmann::ordered_json files = nlohmann::ordered_json::object();
  std::size_t all_covered = 0, all_missing = 0;
  for (const auto& [file, open] : missing) {
    nlohmann::ordered_json item = nlohmann::ordered_json::object();
    auto found = covered_.find(file);
    Ranges covered = found == covered_.end() ? Ranges() : found->second;
    for (const Range& range : covered) item["covered"].push_back(range_json(range));
    for (const Range& range : open) {
      nlohmann::ordered_json entry = range_json(range);
      for (const char* kind : {"index_excluded", "early_exit"}) {
        auto by = covered_by_.find(kind);
        if (by == covered_by_.end()) continue;
        auto other = by->second.find(file);
        if (other != by->second.end() && is_covered(range, other->second))
          entry["kinds"].push_back(kind);
      }
      item["not_covered"].push_back(std::move(entry));
    }
    std::size_t lines = rows_of(covered).size(), missing_lines = rows_of(open).size();
    if (lines != 0) item["covered_lines"] = lines;
    if (missing_lines != 0) item["not_covered_lines"] = missing_lines;
    if (lines != 0)
      item["coverage"] =
          percentage(static_cast<double>(lines), static_cast<double>(lines + missing_lines));
    files[file] = std::move(item);
    all_covered += lines;
    all_missing += missing_lines;
    out.missing += row_text(file, rows_of(open));
  }
  auto total = static_cast<double>(all_covered + all_missing);
  if (all_covered != 0) out.covered = 100.0 * static_cast<double>(all_covered) / total;
  nlohmann::ordered_json whole = {{"files", std::move(files)},
                                  {"covered_lines", all_covered},
                                  {"not_covered_lines", all_missing},
                                  {"coverage", 0}};
  if (all_covered != 0) whole["coverage"] = percentage(static_cast<double>(all_covered), total);
  out.json = whole.dump(2);
  return out;
}

}  // namespace lictor::cli
