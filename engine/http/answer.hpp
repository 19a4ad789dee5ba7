// What a policy gets. In: a response. Out: the object that http.send returns.
// Source: OPA v1/topdown/http.go, prepareASTResult.
#pragma once

#include "exchange.hpp"
#include "lictor/builder.hpp"
#include "lictor/value.hpp"

namespace lictor::http {

struct Decoding {
  bool forces_json = false, forces_yaml = false;
};

Value answer_of(const Response& response, const Decoding& decoding, Builder& make);

/// {"status_code": 0, "error": {"code": …, "message": …}}
Value error_answer(std::string_view code, std::string_view message, Builder& make);

}  // namespace lictor::http
