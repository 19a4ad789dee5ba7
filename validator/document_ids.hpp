// The ids of a document, for logs. In: the JSON text of a ticket, a plan, or a policy's input that
// has one as `resource`. Out: its ticket_id and plan_id as JSON. Read when they are first asked
// for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor::validator {

class DocumentIds {
 public:
  /// The text must outlive the ids.
  explicit DocumentIds(std::string_view document) : document_(document) {}

  /// A JSON object such as {"plan_id":"p-1","ticket_id":"t-1"}; {} if there are none. Long ids are
  /// cut, and what is neither a text nor a number is left out.
  const std::string& json() const;

 private:
  std::string_view document_;
  mutable std::optional<std::string> json_;
};

}  // namespace lictor::validator
