// http.send as a function of the host: where a Client meets an evaluation.
#include "client.hpp"
#include "lictor/http.hpp"

namespace lictor::http {
namespace {

using Reason = Failure::Reason;

ErrorCode code_of(const Failure& failure) {
  return failure.reason == Reason::operand ? ErrorCode::eval_type : ErrorCode::eval_builtin;
}

/// A failure as a value. OPA says where the call is if the request is to blame.
Value as_value(const Failure& failure, HostCall& call) {
  if (failure.reason == Reason::network)
    return error_answer("eval_http_send_network_error", failure.message, call.make());
  std::string message = failure.message;
  if (failure.reason != Reason::plain)
    message = call.location() + ": " + code_name(code_of(failure)) + ": http.send: " + message;
  return error_answer("eval_http_send_internal_error", message, call.make());
}

Recent& recent_of(HostCall& call) {
  std::shared_ptr<void>& memory = call.memory();
  if (!memory) memory = std::make_shared<Recent>();
  return *static_cast<Recent*>(memory.get());
}

Value call_send(Client& client, HostCall& call) {
  std::optional<bool> raises = raises_error(call[0]);
  if (!raises) return call.fail("invalid value for raise_error field");
  Evaluation evaluation{call.make(), call.now_ns(), [&call] { return call.is_stopped(); },
                        recent_of(call)};
  Outcome outcome = client.send(call[0], evaluation);
  if (const Value* value = std::get_if<Value>(&outcome)) return *value;
  const Failure& failure = std::get<Failure>(outcome);
  if (failure.reason == Reason::stopped)
    return call.halt("http.send: timed out (" + failure.message + ")", ErrorCode::eval_cancel);
  if (*raises) return call.fail(failure.raised(), code_of(failure));
  return as_value(failure, call);
}

}  // namespace

/// `changing`, as a Recent knows better than the engine which calls are the same.
HostFunction send(Options options) {
  auto client = std::make_shared<Client>(std::move(options));
  return {"http.send", "(request: object[string: any]) => response: object[any: any]",
          [client](HostCall& call) { return call_send(*client, call); }, Volatility::changing};
}

}  // namespace lictor::http
