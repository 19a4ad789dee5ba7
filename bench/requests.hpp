// Realistic inputs of the three policies: seeded, of varying fields, some allowed and some denied.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lictor::bench {

enum class PolicyName : std::uint8_t { resource_limits, sla_enforcement, feature_flags };
constexpr PolicyName all_policies[] = {PolicyName::resource_limits, PolicyName::sla_enforcement,
                                       PolicyName::feature_flags};

const char* name_of(PolicyName policy);
/// `count` inputs as JSON text, the same for the same seed.
std::vector<std::string> make_inputs(PolicyName policy, std::size_t count, std::uint64_t seed = 1);

}  // namespace lictor::bench
