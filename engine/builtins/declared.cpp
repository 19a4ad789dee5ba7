// Builtins of OPA 1.22.2 that lictor does not have yet: known by name and arity, so that `with` can
// replace them and a policy that calls one is refused when it is compiled. Adding one: delete its
// line here, add it to its family.
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

constexpr Builtin table[] = {
    {"crypto.parse_private_keys", 1, nullptr},
    {"crypto.x509.parse_and_verify_certificates", 1, nullptr},
    {"crypto.x509.parse_and_verify_certificates_with_options", 2, nullptr},
    {"crypto.x509.parse_certificate_request", 1, nullptr},
    {"crypto.x509.parse_certificates", 1, nullptr},
    {"crypto.x509.parse_keypair", 2, nullptr},
    {"crypto.x509.parse_rsa_private_key", 1, nullptr},
    {"graphql.is_valid", 2, nullptr},
    {"graphql.parse", 2, nullptr},
    {"graphql.parse_and_verify", 2, nullptr},
    {"graphql.parse_query", 1, nullptr},
    {"graphql.parse_schema", 1, nullptr},
    {"graphql.schema_is_valid", 1, nullptr},
    {"http.send", 1, nullptr},
    {"internal.test_case", 1, nullptr},
    {"io.jwt.decode", 1, nullptr},
    {"io.jwt.decode_verify", 2, nullptr},
    {"io.jwt.encode_sign", 3, nullptr},
    {"io.jwt.encode_sign_raw", 3, nullptr},
    {"io.jwt.verify_eddsa", 2, nullptr},
    {"io.jwt.verify_es256", 2, nullptr},
    {"io.jwt.verify_es384", 2, nullptr},
    {"io.jwt.verify_es512", 2, nullptr},
    {"io.jwt.verify_hs256", 2, nullptr},
    {"io.jwt.verify_hs384", 2, nullptr},
    {"io.jwt.verify_hs512", 2, nullptr},
    {"io.jwt.verify_ps256", 2, nullptr},
    {"io.jwt.verify_ps384", 2, nullptr},
    {"io.jwt.verify_ps512", 2, nullptr},
    {"io.jwt.verify_rs256", 2, nullptr},
    {"io.jwt.verify_rs384", 2, nullptr},
    {"io.jwt.verify_rs512", 2, nullptr},
    {"json.match_schema", 2, nullptr},
    {"json.verify_schema", 1, nullptr},
    {"providers.aws.sign_req", 3, nullptr},
    {"rego.metadata.chain", 0, nullptr},
    {"rego.metadata.rule", 0, nullptr},
    {"rego.parse_module", 2, nullptr},
    {"strings.render_template", 2, nullptr},
};

}  // namespace

std::span<const Builtin> declared_builtins() { return table; }

}  // namespace lictor::builtins
