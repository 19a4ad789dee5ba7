//go:build tools

// Keeps the command `opa` among the module's dependencies, so that `go build` can make the binary.
package conformance

import _ "github.com/open-policy-agent/opa"
