// Which errors of builtins end an evaluation in any mode.
#pragma once

#include "lictor/error.hpp"

namespace lictor::builtins {

/// True for errors that are not the builtin's own, so that strictness about those does not matter;
/// their texts do not begin with the builtin's name.
constexpr bool halts(ErrorCode code) {
  return code == ErrorCode::eval_conflict || code == ErrorCode::eval_internal;
}

}  // namespace lictor::builtins
