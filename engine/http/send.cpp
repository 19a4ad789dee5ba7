// http.send as a function of the host: where a Client meets an evaluation.
#include "client.hpp"
#include "lictor/http.hpp"

namespace lictor::http {
namespace {

using Reason = Failure::Reason;

/// A failure as a value. OPA names the code of errors in the request, not of those in the network.
Value as_value(const Failure& failure, HostCall& call) {
  if (failure.reason == Reason::network)
    return error_answer("eval_http_send_network_error", failure.message, call.make());
  std::string message = failure.message;
  if (failure.reason == Reason::operand) message = "eval_type_error: http.send: " + message;
  if (failure.reason == Reason::builtin) message = "eval_builtin_error: http.send: " + message;
  return error_answer("eval_http_send_internal_error", message, call.make());
}

Value call_send(Client& client, HostCall& call) {
  std::optional<bool> raises = raises_error(call[0]);
  if (!raises) return call.fail("invalid value for raise_error field");
  Evaluation evaluation{call.make(), call.now_ns(), [&call] { return call.is_stopped(); }};
  Outcome outcome = client.send(call[0], evaluation);
  if (const Value* value = std::get_if<Value>(&outcome)) return *value;
  const Failure& failure = std::get<Failure>(outcome);
  if (*raises || failure.reason == Reason::stopped) return call.fail(failure.raised());
  return as_value(failure, call);
}

}  // namespace

HostFunction send(Options options) {
  auto client = std::make_shared<Client>(std::move(options));
  return {"http.send", "(request: object[string: any]) => response: object[any: any]",
          [client](HostCall& call) { return call_send(*client, call); }, Volatility::stable};
}

}  // namespace lictor::http
