// Writes OPA's published test cases as one JSON object a line, at the version that go.mod pins; with --compile, the cases of its compiler,
// with --layout, the modules of its formatter.
// Usage: cases OPA_MODULE_DIR [--compile|--layout]
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/open-policy-agent/opa/v1/test/cases"
	"github.com/open-policy-agent/opa/v1/test/compilecases"
)

type exported struct {
	Version string `json:"version"`
	File    string `json:"file"`
	cases.TestCase
}

func main() {
	compile := len(os.Args) == 3 && os.Args[2] == "--compile"
	layout := len(os.Args) == 3 && os.Args[2] == "--layout"
	if len(os.Args) != 2 && !compile && !layout {
		fmt.Fprintln(os.Stderr, "usage: cases OPA_MODULE_DIR [--compile|--layout]")
		os.Exit(2)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	test := filepath.Join(os.Args[1], "v1", "test")
	var err error
	switch {
	case compile:
		err = exportCompileCases(encoder, filepath.Join(test, "compilecases", "testdata"))
	case layout:
		err = exportLayouts(encoder, filepath.Join(os.Args[1], "v1", "format", "testfiles"))
	default:
		err = exportCases(encoder, filepath.Join(test, "cases", "testdata"))
	}
	if err != nil {
		panic(err)
	}
}

func exportCases(encoder *json.Encoder, root string) error {
	for _, version := range []string{"v0", "v1"} {
		dir := filepath.Join(root, version)
		for _, c := range cases.MustLoad(dir).Cases {
			file, err := filepath.Rel(dir, c.Filename)
			if err != nil {
				return err
			}
			if err := encoder.Encode(exported{version, file, c}); err != nil {
				return err
			}
		}
	}
	return nil
}

func exportCompileCases(encoder *json.Encoder, root string) error {
	for _, version := range []string{"v0", "v1"} {
		for _, c := range compilecases.MustLoad(filepath.Join(root, version)).Cases {
			if err := encoder.Encode(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func exportLayouts(encoder *json.Encoder, root string) error {
	for _, version := range []string{"v0", "v1"} {
		dir := filepath.Join(root, version)
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			return encoder.Encode(map[string]any{"version": version, "file": file, "modules": []string{string(text)}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
