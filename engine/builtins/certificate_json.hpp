// Certificates, requests and keys as Go's encoding/json prints their structures. In: what
// certificates.hpp and keys.hpp have read. Out: values in an arena.
#pragma once

#include <span>

#include "base/arena.hpp"
#include "builtins/certificates.hpp"
#include "lictor/value.hpp"
#include "value/object.hpp"

namespace lictor::builtins {

/// Why Go cannot print the structure, in its words; "" if it can.
Wrong json_fault(const Certificate& certificate);
Wrong json_fault(const CertificateRequest& request);

/// `with_uri_strings`: OPA's field of the URIs as texts too.
Value certificate_value(Arena& arena, const Certificate& certificate, bool with_uri_strings);
Value request_value(Arena& arena, const CertificateRequest& request);
Value private_key_value(Arena& arena, const Key& key);
/// A string of base64.
Value base64_value(Arena& arena, std::string_view bytes);

/// The members of an object, in any order.
class ObjectFields {
 public:
  explicit ObjectFields(Arena& arena) : arena_(arena), members_(arena, 16) {}

  ObjectFields& add(std::string_view name, const Value& value) {
    members_.push_back({Value::utf8_string(name), value});
    return *this;
  }
  Value value() { return make_object(arena_, members_.data(), members_.size(), false); }

 private:
  Arena& arena_;
  ArenaVector<Member> members_;
};

}  // namespace lictor::builtins
