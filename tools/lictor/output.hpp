// What the command prints: results and errors in the formats of `opa eval`.
#pragma once

#include <string>

#include "lictor/lictor.hpp"

namespace lictor::cli {

enum class Format : std::uint8_t { json, pretty, raw, values, bindings, discard };

/// `coverage` is a report to print beside it: JSON, or empty.
std::string result_text(const QueryResult& result, Format format, const std::string& coverage = {});
/// {"errors": […]}, as `opa eval` prints on standard output.
/// `sorted`: with the keys of all objects in order, as `--format discard` has them.
std::string errors_json(const Errors& errors, const std::string& coverage = {},
                        bool sorted = false);
/// {"warnings": […]}, each as an error is.
std::string warnings_json(const Errors& warnings);
/// A report of what was covered, for people.
std::string coverage_table(double covered);
/// "N errors occurred: …" with the places, for people.
std::string errors_text(const Errors& errors);
/// The stack of an error, a line for each query behind `indent`; "" if it has none.
std::string traceback(const Error& error, const std::string& indent);
/// The same for verbs that read policies, which say so where that failed.
std::string policy_errors_text(const Errors& errors);

/// Compact JSON with two spaces a level.
std::string indented(std::string_view json);

}  // namespace lictor::cli
