// Times OPA on the inputs of the benchmarks: in-process with a prepared query (JSON parsing included), and over HTTP
// on loopback with one kept-alive connection. Usage: bench OPA_BINARY POLICY_DIR INPUT_DIR
// Prints a JSON object: policy → {in_process: {turn_ns, p50_ns, p99_ns}, http: {turn_ns, p50_ns, p99_ns}}, where turn_ns is
// the time of a decision in a round over all inputs, the median of the rounds.
// With "bench scale DIR" it times in-process what bench_scale wrote: case → the same. With "bench builtins DIR", what
// bench_tokens wrote, with OPA's cache of parsed keys.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
	"github.com/open-policy-agent/opa/v1/util"
)

type summary struct {
	Turn int64 `json:"turn_ns"`
	P50  int64 `json:"p50_ns"`
	P99  int64 `json:"p99_ns"`
}

type figures struct {
	InProcess summary `json:"in_process"`
	HTTP      summary `json:"http"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Takes the times of decisions, `size` of them a round.
func summarize(times []time.Duration, size int) summary {
	var turns []int64
	for at := 0; at < len(times); at += size {
		var turn int64
		for _, one := range times[at : at+size] {
			turn += one.Nanoseconds()
		}
		turns = append(turns, turn/int64(size))
	}
	slices.Sort(turns)
	slices.Sort(times)
	return summary{turns[len(turns)/2], times[len(times)/2].Nanoseconds(), times[len(times)*99/100].Nanoseconds()}
}

func lines(path string) [][]byte {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	var out [][]byte
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		out = append(out, bytes.Clone(scanner.Bytes()))
	}
	return out
}

func prepare(document string, files []string) rego.PreparedEvalQuery {
	query, err := rego.New(rego.Query(document), rego.Load(files, nil)).PrepareForEval(context.Background())
	must(err)
	return query
}

func read(input []byte) ast.Value {
	var parsed any
	must(util.UnmarshalJSON(input, &parsed))
	value, err := ast.InterfaceToValue(parsed)
	must(err)
	return value
}

// Times a query over all inputs, `rounds` times after one that does not count, reading each of them or with all read before.
func inProcess(query rego.PreparedEvalQuery, inputs [][]byte, rounds int, readBefore bool, options ...rego.EvalOption) summary {
	values := make([]ast.Value, len(inputs))
	for i, input := range inputs {
		values[i] = read(input)
	}
	var times []time.Duration
	for round := 0; round <= rounds; round++ {
		for i, input := range inputs {
			start := time.Now()
			value := values[i]
			if !readBefore {
				value = read(input)
			}
			result, err := query.Eval(context.Background(), append(options, rego.EvalParsedInput(value))...)
			must(err)
			_, err = json.Marshal(result[0].Expressions[0].Value)
			must(err)
			if round > 0 {
				times = append(times, time.Since(start))
			}
		}
	}
	return summarize(times, len(inputs))
}

func overHTTP(binary, policy, file string, inputs [][]byte) summary {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	address := listener.Addr().String()
	listener.Close()
	server := exec.Command(binary, "run", "--server", "--addr="+address, "--log-level=error", "--disable-telemetry", file)
	must(server.Start())
	defer server.Process.Kill()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	for attempt := 0; ; attempt++ {
		response, err := client.Get("http://" + address + "/health")
		if err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			break
		}
		if attempt == 200 {
			must(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	url := "http://" + address + "/v1/data/neuralhive/orchestrator/" + policy + "/result"
	var times []time.Duration
	for round := 0; round < 6; round++ {
		for _, input := range inputs {
			body := append(append([]byte(`{"input":`), input...), '}')
			start := time.Now()
			response, err := client.Post(url, "application/json", bytes.NewReader(body))
			must(err)
			_, err = io.ReadAll(response.Body)
			must(err)
			response.Body.Close()
			if round > 0 {
				times = append(times, time.Since(start))
			}
		}
	}
	return summarize(times, len(inputs))
}

// From texts, and where that takes any part of it, from inputs that have been read before.
type scaled struct {
	summary
	OfRead *summary `json:"of_read,omitempty"`
}

func scale(folder string) map[string]scaled {
	out := map[string]scaled{}
	cases, err := os.ReadDir(folder)
	must(err)
	for _, entry := range cases {
		base := filepath.Join(folder, entry.Name())
		requests := lines(filepath.Join(base, "requests.ndjson"))
		files := []string{filepath.Join(base, "policy.rego"), filepath.Join(base, "data.json")}
		query := prepare("data.scale.allow", files)
		requests = requests[:min(len(requests), 16)]
		found := scaled{summary: inProcess(query, requests, 2, false)}
		if found.P50 < time.Millisecond.Nanoseconds() {
			ofRead := inProcess(query, requests, 40, true)
			found = scaled{inProcess(query, requests, 40, false), &ofRead}
		}
		out[entry.Name()] = found
	}
	return out
}

func builtins(folder string) map[string]summary {
	out := map[string]summary{}
	cases, err := os.ReadDir(folder)
	must(err)
	for _, entry := range cases {
		base := filepath.Join(folder, entry.Name())
		files := []string{filepath.Join(base, "policy.rego"), filepath.Join(base, "data.json")}
		config, err := cache.ParseCachingConfig(nil)
		must(err)
		keys := cache.NewInterQueryValueCache(context.Background(), config)
		requests := lines(filepath.Join(base, "requests.ndjson"))
		query := prepare("data.scale.allow", files)
		out[entry.Name()] = inProcess(query, requests, 100, false, rego.EvalInterQueryBuiltinValueCache(keys))
	}
	return out
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "builtins" {
		must(json.NewEncoder(os.Stdout).Encode(builtins(os.Args[2])))
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "scale" {
		must(json.NewEncoder(os.Stdout).Encode(scale(os.Args[2])))
		return
	}
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: bench OPA_BINARY POLICY_DIR INPUT_DIR")
		os.Exit(2)
	}
	out := map[string]figures{}
	for _, policy := range []string{"resource_limits", "sla_enforcement", "feature_flags"} {
		file := filepath.Join(os.Args[2], policy+".rego")
		inputs := lines(filepath.Join(os.Args[3], policy+".ndjson"))
		query := prepare("data.neuralhive.orchestrator."+policy+".result", []string{file})
		out[policy] = figures{inProcess(query, inputs, 19, false), overHTTP(os.Args[1], policy, file, inputs)}
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}
