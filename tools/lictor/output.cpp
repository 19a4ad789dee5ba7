// Formats results and errors.
#include "output.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "lictor/print.hpp"

namespace lictor::cli {
namespace {

std::string json_string(std::string_view text) { return to_json(Value::string(text)); }

std::string indented(const Value& value, int level) { return to_pretty_json(value, level); }

std::string spaces(int level) { return std::string(static_cast<std::size_t>(level) * 2, ' '); }

std::string expression_json(const Row::Expression& expression, int level) {
  std::string in = spaces(level + 1);
  return spaces(level) + "{\n" + in + "\"value\": " + indented(expression.value, level + 1) +
         ",\n" + in + "\"text\": " + json_string(expression.text) + ",\n" + in +
         "\"location\": {\n" + in + "  \"row\": " + std::to_string(expression.row) + ",\n" + in +
         "  \"col\": " + std::to_string(expression.col) + "\n" + in + "}\n" + spaces(level) + "}";
}

std::string bindings_json(const Row& row, int level) {
  std::string out = "{\n";
  for (std::size_t i = 0; i < row.bindings.size(); ++i) {
    out += spaces(level + 1) + json_string(row.bindings[i].first) + ": " +
           indented(row.bindings[i].second, level + 1);
    out += i + 1 < row.bindings.size() ? ",\n" : "\n";
  }
  return out + spaces(level) + "}";
}

std::string row_json(const Row& row) {
  std::string out = "    {\n      \"expressions\": [\n";
  for (std::size_t i = 0; i < row.expressions.size(); ++i) {
    out += expression_json(row.expressions[i], 4) + (i + 1 < row.expressions.size() ? ",\n" : "\n");
  }
  out += "      ]";
  if (!row.bindings.empty()) out += ",\n      \"bindings\": " + bindings_json(row, 3);
  return out + "\n    }";
}

std::string json_text(const QueryResult& result) {
  if (result.rows().empty()) return "{}\n";
  std::string out = "{\n  \"result\": [\n";
  for (std::size_t i = 0; i < result.rows().size(); ++i) {
    out += row_json(result.rows()[i]) + (i + 1 < result.rows().size() ? ",\n" : "\n");
  }
  return out + "  ]\n}\n";
}

std::string values_text(const QueryResult& result) {
  std::string out;
  for (const Row& row : result.rows()) {
    out += "[\n";
    for (std::size_t i = 0; i < row.expressions.size(); ++i) {
      out += "  " + indented(row.expressions[i].value, 1) +
             (i + 1 < row.expressions.size() ? ",\n" : "\n");
    }
    out += "]\n";
  }
  return out;
}

std::string bindings_text(const QueryResult& result) {
  std::string out;
  for (const Row& row : result.rows())
    out += row.bindings.empty() ? "{}\n" : bindings_json(row, 0) + "\n";
  return out;
}

std::string raw_text(const QueryResult& result) {
  std::string out;
  for (const Row& row : result.rows()) {
    for (std::size_t i = 0; i < row.expressions.size(); ++i) {
      const Value& value = row.expressions[i].value;
      if (i != 0) out += " ";
      out += value.is(Kind::string) ? std::string(value.as_text()) : to_json(value);
    }
    out += "\n";
  }
  return out;
}

/// Columns as wide as their widest cell, in box-drawing characters.
class Table {
 public:
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// A table of one row, without a head.
  static std::string row(const std::vector<std::string>& cells) {
    std::vector<std::size_t> widths;
    for (const std::string& cell : cells) widths.push_back(display_width(cell));
    return rule(widths, "┌", "┬", "┐") + line(cells, widths) + rule(widths, "└", "┴", "┘");
  }

  std::string text() const {
    std::vector<std::size_t> widths(rows_[0].size());
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], display_width(row[i]));
    }
    std::string out = rule(widths, "┌", "┬", "┐") + line(centered(rows_[0], widths), widths) +
                      rule(widths, "├", "┼", "┤");
    for (std::size_t i = 1; i < rows_.size(); ++i) out += line(rows_[i], widths);
    return out + rule(widths, "└", "┴", "┘");
  }

 private:
  static std::vector<std::string> centered(std::vector<std::string> cells,
                                           const std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      cells[i].insert(0, (widths[i] - display_width(cells[i])) / 2, ' ');
    return cells;
  }
  static std::string rule(const std::vector<std::size_t>& widths, const char* left,
                          const char* middle, const char* right) {
    std::string out = left;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i != 0) out += middle;
      for (std::size_t k = 0; k < widths[i] + 2; ++k) out += "─";
    }
    return out + right + "\n";
  }
  static std::string line(const std::vector<std::string>& cells,
                          const std::vector<std::size_t>& widths) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += "│ " + cells[i] + std::string(widths[i] - display_width(cells[i]) + 1, ' ');
    }
    return out + "│\n";
  }
  std::vector<std::vector<std::string>> rows_;
};

std::string pretty_text(const QueryResult& result) {
  if (result.rows().empty()) return "undefined\n";
  const Row& first = result.rows()[0];
  auto is_boolean = [](const Row::Expression& expression) {
    return expression.value.is(Kind::boolean);
  };
  bool one_value = first.expressions.size() == 1 ||
                   std::all_of(first.expressions.begin(), first.expressions.end(), is_boolean);
  if (result.rows().size() == 1 && first.bindings.empty() && one_value)
    return to_pretty_json(first.expressions[0].value) + "\n";
  std::vector<std::size_t> columns;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < first.expressions.size(); ++i) {
    if (is_boolean(first.expressions[i]) && !first.bindings.empty()) continue;
    columns.push_back(i);
    titles.push_back(first.expressions[i].text);
  }
  for (const auto& [name, value] : first.bindings) titles.push_back(name);
  Table table;
  table.add(titles);
  for (const Row& row : result.rows()) {
    std::vector<std::string> cells;
    for (std::size_t i : columns) cells.push_back(to_json(row.expressions[i].value));
    for (const auto& [name, value] : row.bindings) cells.push_back(to_json(value));
    table.add(cells);
  }
  return table.text();
}

std::string place_json(const std::string& file, std::uint32_t row, std::uint32_t col) {
  return "\"location\":{\"file\":" + json_string(file) + ",\"row\":" + std::to_string(row) +
         ",\"col\":" + std::to_string(col) + "}";
}

std::string stack_json(const std::vector<StackFrame>& frames) {
  std::string out;
  for (const StackFrame& frame : frames) {
    out += (out.empty() ? "{\"query_id\":" : ",{\"query_id\":") + std::to_string(frame.query_id);
    if (frame.row != 0) out += "," + place_json(frame.file, frame.row, frame.col);
    out += "}";
  }
  return "[" + out + "]";
}

std::string error_json(const Error& error) {
  std::string out = "{\"message\":" + json_string(error.message);
  if (error.code != ErrorCode::load) out += ",\"code\":" + json_string(code_name(error.code));
  bool of_file = error.code == ErrorCode::parse && !error.file.empty();  // which may be empty
  if (error.row != 0 || of_file) out += "," + place_json(error.file, error.row, error.col);
  if (!error.details_json.empty()) out += ",\"details\":" + error.details_json;
  if (!error.stack_trace.empty()) out += ",\"stack_trace\":" + stack_json(error.stack_trace);
  return out + "}";
}

/// An object's text, laid out, with one more member.
std::string with_coverage(std::string object, const std::string& coverage) {
  if (coverage.empty()) return object;
  object.resize(object == "{}\n" ? 1 : object.size() - 3);
  object += object == "{" ? "\n  \"coverage\": " : ",\n  \"coverage\": ";
  for (char c : coverage) object += c == '\n' ? "\n  " : std::string(1, c);
  return object + "\n}\n";
}

/// JSON laid out anew, with the keys of all objects in order.
std::string with_sorted_keys(std::string_view json) {
  Result<Query> reader = Engine().prepare("input");
  Result<QueryResult> read = reader->eval(&json);
  return to_pretty_json(read->rows()[0].expressions[0].value) + "\n";
}

}  // namespace

std::string coverage_table(double covered) {
  char number[32];
  std::snprintf(number, sizeof number, "%.2f", covered);
  return Table::row({"Overall Coverage", number});
}

std::string result_text(const QueryResult& result, Format format, const std::string& coverage) {
  switch (format) {
    case Format::json:
      return with_coverage(json_text(result), coverage);
    case Format::pretty:
      return pretty_text(result);
    case Format::raw:
      return raw_text(result);
    case Format::values:
      return values_text(result);
    case Format::bindings:
      return bindings_text(result);
    case Format::discard: {
      std::string out = coverage.empty() ? "" : "\"coverage\":" + coverage;
      if (!result.rows().empty())
        out += (out.empty() ? "" : ",") + std::string(R"("result":"discarded")");
      return with_sorted_keys("{" + out + "}");
    }
  }
  return {};
}

namespace {

std::string list_json(const char* name, const Errors& errors) {
  std::string out;
  for (const Error& error : errors) out += (out.empty() ? "" : ",") + error_json(error);
  return cli::indented("{\"" + std::string(name) + "\":[" + out + "]}") + "\n";
}

}  // namespace

std::string errors_json(const Errors& errors, const std::string& coverage, bool sorted) {
  std::string text = with_coverage(list_json("errors", errors), coverage);
  return sorted ? with_sorted_keys(text) : text;
}

std::string warnings_json(const Errors& warnings) { return list_json("warnings", warnings); }

namespace {

std::string errors_text(const Errors& errors, const std::string& when) {
  bool single = errors.size() == 1;
  std::string out = std::to_string(errors.size()) +
                    (single ? " error occurred" : " errors occurred") + when +
                    (single ? ": " : ":\n");
  for (const Error& error : errors) {
    bool bare = !error.stack_trace.empty();  // the stack shows the line
    out += (error.code == ErrorCode::load ? error.message
            : bare                        ? error.summary()
                                          : error.render()) +
           "\n";
    if (error.code == ErrorCode::load && !error.hint.empty()) out += "\thint: " + error.hint + "\n";
    if (bare) out += "\n" + traceback(error, "");
  }
  return out;
}

}  // namespace

std::string errors_text(const Errors& errors) { return errors_text(errors, ""); }

std::string traceback(const Error& error, const std::string& indent) {
  if (error.stack_trace.empty()) return {};
  std::string out = indent + "Traceback:\n";
  for (const StackFrame& frame : error.stack_trace) out += indent + "  " + frame.summary() + "\n";
  return out;
}

std::string policy_errors_text(const Errors& errors) {
  ErrorCode code = errors.front().code;
  bool loading = code == ErrorCode::load || code == ErrorCode::parse || code == ErrorCode::input;
  return errors_text(errors, loading ? " during loading" : "");
}

std::string indented(std::string_view json) {
  std::string out;
  std::size_t level = 0;
  auto line = [&] { out += "\n" + std::string(2 * level, ' '); };
  for (std::size_t at = 0; at < json.size(); ++at) {
    char c = json[at];
    if (c == '"') {
      std::size_t end = at + 1;
      while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      out += json.substr(at, end - at + 1);
      at = end;
      continue;
    }
    bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
    bool empty = opens && (json[at + 1] == '}' || json[at + 1] == ']');
    if (empty) {
      out += json.substr(at++, 2);
      continue;
    }
    if (closes) {
      --level;
      line();
    }
    out += c;
    if (opens) ++level;
    if (opens || c == ',') line();
    if (c == ':') out += ' ';
  }
  return out;
}

}  // namespace lictor::cli
