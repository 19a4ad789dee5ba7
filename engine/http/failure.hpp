// Why a request has no answer: what http.send reports, with or without raise_error.
#pragma once

#include <cstdint>
#include <string>

namespace lictor::http {

struct Failure {
  enum class Reason : std::uint8_t {
    operand,  // a wrong request: eval_type_error
    builtin,  // eval_builtin_error
    plain,    // as builtin, but error.message does not name the code and the place of the call
    network,  // Go's url.Error: what the network or the server is to blame for
    stopped,  // the evaluation is over
  };
  Reason reason = Reason::builtin;
  std::string message;
  /// Of a request that took longer than its timeout: the message that is raised.
  std::string timeout_message = {};
  bool in_body = false;  // there is a response, but not all of it

  /// The message under raise_error.
  const std::string& raised() const { return timeout_message.empty() ? message : timeout_message; }
};

}  // namespace lictor::http
