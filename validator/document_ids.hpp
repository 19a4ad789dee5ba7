// The ids of a document, for logs. In: the JSON text of a ticket or a plan, or a policy's input
// that may have one as `resource`. Out: its ticket_id and plan_id as JSON. Read on first use.
// INVARIANT: a ticket's own member `resource` does not count, so that none can hide or
// forge its ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor::validator {

class DocumentIds {
 public:
  enum class Kind { subject, input };

  /// The text must outlive the ids.
  DocumentIds(std::string_view document, Kind kind) : document_(document), kind_(kind) {}

  /// A JSON object such as {"plan_id":"p-1","ticket_id":"t-1"}; {} if there are none. Long ids are
  /// cut, and what is neither a text nor a number is left out.
  const std::string& json() const;

 private:
  std::string_view document_;
  Kind kind_;
  mutable std::optional<std::string> json_;
};

}  // namespace lictor::validator
