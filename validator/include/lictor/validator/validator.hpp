// All of the validator's public surface.
#pragma once

#include "lictor/validator/policy_validator.hpp"
