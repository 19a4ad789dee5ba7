// Writes OPA's published test cases as one JSON object a line, at the version that go.mod pins.
// Usage: cases OPA_MODULE_DIR
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/open-policy-agent/opa/v1/test/cases"
)

type exported struct {
	Version string `json:"version"`
	File    string `json:"file"`
	cases.TestCase
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: cases OPA_MODULE_DIR")
		os.Exit(2)
	}
	root := filepath.Join(os.Args[1], "v1", "test", "cases", "testdata")
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, version := range []string{"v0", "v1"} {
		dir := filepath.Join(root, version)
		for _, c := range cases.MustLoad(dir).Cases {
			file, err := filepath.Rel(dir, c.Filename)
			if err != nil {
				panic(err)
			}
			if err := encoder.Encode(exported{version, file, c}); err != nil {
				panic(err)
			}
		}
	}
}
