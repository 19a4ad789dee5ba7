// Builtins of OPA that lictor does not have yet: known by name and arity, so that `with` can
// replace them and a policy that calls one is refused when it is compiled. Adding one: delete its
// line here, add it to its family.
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

constexpr Builtin table[] = {
    {"crypto.parse_private_keys", "(keys: string) => output: array[object[string: any]]", nullptr},
    {"crypto.x509.parse_and_verify_certificates",
     "(certs: string) => output: array<boolean, array[object[string: any]]>", nullptr},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "(certs: string, options: object[string: any]) => output: array<boolean, array[object[string: "
     "any]]>",
     nullptr},
    {"crypto.x509.parse_certificate_request", "(csr: string) => output: object[string: any]",
     nullptr},
    {"crypto.x509.parse_certificates", "(certs: string) => output: array[object[string: any]]",
     nullptr},
    {"crypto.x509.parse_keypair", "(cert: string, pem: string) => output: object[string: any]",
     nullptr},
    {"crypto.x509.parse_rsa_private_key", "(pem: string) => output: object[string: any]", nullptr},
    {"http.send", "(request: object[string: any]) => response: object[any: any]", nullptr},
    {"providers.aws.sign_req",
     "(request: object[string: any], aws_config: object[string: any], time_ns: number) => "
     "signed_request: object[any: any]",
     nullptr},
};

}  // namespace

std::span<const Builtin> declared_builtins() { return table; }

}  // namespace lictor::builtins
