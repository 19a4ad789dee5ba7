// Answers what OPA says, one JSON object a line in and out, until its input ends.
// In: {"mode": "eval"|"check"|"parse"|"format"|"difference", "modules": [text…], "data": …, "input": …, "query": text, "v0": bool, "strict": bool, "trace": bool,
// "json": bool, "prepared": bool, "rows": bool}
// Out: {"value": text}, where the text is Rego's or JSON's notation (with "json": a line of each) and "" is undefined, or {"errors": [{code, message, file, row, col, stack, details}…]},
// and "trace": text with either where it was asked for. With "rows", the value is all rows of the query with their bindings, and "printed" what print() wrote. stack is a line for each query that was being evaluated, and details: {lines, json}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
	"github.com/sergi/go-diff/diffmatchpatch"
)

type request struct {
	Mode    string          `json:"mode"`
	Modules []string        `json:"modules"`
	Data    json.RawMessage `json:"data"`
	Input   json.RawMessage `json:"input"`
	Query   string          `json:"query"`
	V0      bool            `json:"v0"`
	Strict  bool            `json:"strict"`
	Trace   bool            `json:"trace"` // tell every step
	// Evaluate without the index of rules.
	Unindexed bool `json:"unindexed"`
	JSON      bool `json:"json"`     // the value in both notations
	Rows      bool `json:"rows"`     // every row, and what print() writes
	Prepared  bool `json:"prepared"` // keep the prepared query for later requests with the same modules and query; data must be absent
}

// key identifies the prepared query that a request needs.
func (r request) key() string {
	return fmt.Sprintf("%q %q %t %t %t", r.Modules, r.Query, r.V0, r.Strict, r.JSON)
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row,omitempty"`
	Col     int    `json:"col,omitempty"`
	Stack   string `json:"stack,omitempty"`
	Details any    `json:"details,omitempty"`
}

type answer struct {
	Value  *string   `json:"value,omitempty"`
	Errors []failure `json:"errors,omitempty"`
	Trace  string    `json:"trace,omitempty"`
	// What print() wrote, if all rows were asked for.
	Printed string `json:"printed,omitempty"`
}

func located(code, message string, location *ast.Location) failure {
	if location == nil {
		return failure{Code: code, Message: message}
	}
	return failure{Code: code, Message: message, File: location.File, Row: location.Row, Col: location.Col}
}

func stack(trace topdown.StackTrace) string {
	var out strings.Builder
	for _, frame := range trace {
		fmt.Fprintf(&out, "%d %s\n", frame.QueryID, frame)
	}
	return out.String()
}

// details are what an error says besides its message, in words and as JSON.
func details(e *ast.Error) any {
	if e.Details == nil {
		return nil
	}
	return map[string]any{"lines": e.Details.Lines(), "json": e.Details}
}

func failed(err error) answer {
	var eval *topdown.Error
	if errors.As(err, &eval) {
		out := located(eval.Code, eval.Message, eval.Location)
		out.Stack = stack(eval.StackTrace)
		return answer{Errors: []failure{out}}
	}
	var compile ast.Errors
	if errors.As(err, &compile) {
		var out answer
		for _, e := range compile {
			one := located(e.Code, e.Message, e.Location)
			one.Details = details(e)
			out.Errors = append(out.Errors, one)
		}
		return out
	}
	return answer{Errors: []failure{{Message: err.Error()}}}
}

func version(r request) ast.RegoVersion {
	if r.V0 {
		return ast.RegoV0
	}
	return ast.RegoV1
}

// parse reads all modules, and returns the errors of all that cannot be read.
func parse(r request) ([]*ast.Module, error) {
	var out []*ast.Module
	var failures ast.Errors
	for i, text := range r.Modules {
		options := ast.ParserOptions{RegoVersion: version(r), ProcessAnnotation: true}
		module, err := ast.ParseModuleWithOpts(fmt.Sprintf("m%d.rego", i), text, options)
		var refused ast.Errors
		if errors.As(err, &refused) {
			failures = append(failures, refused...)
		} else if err != nil {
			return nil, err
		}
		out = append(out, module)
	}
	if len(failures) > 0 {
		return nil, failures
	}
	return out, nil
}

func check(r request) error {
	modules, err := parse(r)
	if err != nil {
		return err
	}
	named := map[string]*ast.Module{}
	for i, module := range modules {
		named[fmt.Sprintf("m%d.rego", i)] = module
	}
	compiler := ast.NewCompiler().WithEnablePrintStatements(true).WithStrict(r.Strict)
	if compiler.Compile(named); compiler.Failed() {
		return compiler.Errors
	}
	return nil
}

// jsonText is a value as `opa eval` prints it, on one line.
func jsonText(value ast.Value) (string, error) {
	document, err := ast.JSON(value)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(document)
	return strings.TrimSuffix(out.String(), "\n"), err
}

func rendered(r request, term *ast.Term) (any, error) {
	if !r.JSON {
		return term.String(), nil
	}
	text, err := jsonText(term.Value)
	return term.String() + "\n" + text, err
}

func prepare(ctx context.Context, r request) (rego.PreparedEvalQuery, error) {
	options := []func(*rego.Rego){
		rego.Query(r.Query), rego.SetRegoVersion(version(r)), rego.StrictBuiltinErrors(r.Strict),
		rego.StackTraces(true), rego.EnablePrintStatements(r.Rows),
		rego.GenerateJSON(func(term *ast.Term, _ *rego.EvalContext) (any, error) { return rendered(r, term) }),
	}
	modules, err := parse(r)
	if err != nil {
		return rego.PreparedEvalQuery{}, err
	}
	for _, module := range modules {
		options = append(options, rego.ParsedModule(module))
	}
	if len(r.Data) > 0 {
		var data map[string]any
		if err := util.UnmarshalJSON(r.Data, &data); err != nil {
			return rego.PreparedEvalQuery{}, err
		}
		options = append(options, rego.Store(inmem.NewFromObject(data)))
	}
	return rego.New(options...).PrepareForEval(ctx)
}

var kept = map[string]rego.PreparedEvalQuery{}

func prepareOnce(ctx context.Context, r request) (rego.PreparedEvalQuery, error) {
	if !r.Prepared {
		return prepare(ctx, r)
	}
	query, found := kept[r.key()]
	if found {
		return query, nil
	}
	query, err := prepare(context.Background(), r)
	if err == nil {
		kept[r.key()] = query
	}
	return query, err
}

// rowsText is a line for each row: the values of its expressions, then its bindings by name.
func rowsText(rows rego.ResultSet) string {
	var out strings.Builder
	for _, row := range rows {
		for _, expression := range row.Expressions {
			fmt.Fprintf(&out, "%v; ", expression.Value)
		}
		for _, name := range slices.Sorted(maps.Keys(row.Bindings)) {
			fmt.Fprintf(&out, "%s = %v; ", name, row.Bindings[name])
		}
		out.WriteString("\n")
	}
	return out.String()
}

func eval(r request, tracer *topdown.BufferTracer, printed io.Writer) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	query, err := prepareOnce(ctx, r)
	if err != nil {
		return "", err
	}
	evaluation := []rego.EvalOption{rego.EvalRuleIndexing(!r.Unindexed)}
	if len(r.Input) > 0 {
		var input any
		if err := util.UnmarshalJSON(r.Input, &input); err != nil {
			return "", err
		}
		evaluation = append(evaluation, rego.EvalInput(input))
	}
	if r.Trace {
		evaluation = append(evaluation, rego.EvalQueryTracer(tracer))
	}
	evaluation = append(evaluation, rego.EvalPrintHook(topdown.NewPrintHook(printed)))
	rows, err := query.Eval(ctx, evaluation...)
	if err == nil && r.Rows {
		return rowsText(rows), nil
	}
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Expressions[len(rows[0].Expressions)-1].Value.(string), nil
}

// isOverwritten is true for steps whose refs the evaluator has overwritten by now: all documents of
// a package are read through one ref, and a trace that is kept shows the last of them.
func isOverwritten(event *topdown.Event) bool {
	if event.Op != topdown.UnifyOp {
		return false
	}
	text := event.Node.(*ast.Expr).String()
	return strings.HasPrefix(text, "data.") && strings.HasSuffix(text, " = _")
}

// steps is a trace as a table, with what each step knows.
func steps(trace []*topdown.Event) string {
	var out strings.Builder
	kept := slices.DeleteFunc(slices.Clone(trace), isOverwritten)
	topdown.PrettyTraceWithOpts(&out, kept, topdown.PrettyTraceOptions{Locations: true, ExprVariables: true})
	return out.String()
}

func formatted(r request) (string, error) {
	options := format.Opts{RegoVersion: version(r), ParserOptions: &ast.ParserOptions{RegoVersion: version(r)}}
	text, err := format.SourceWithOpts("m0.rego", []byte(r.Modules[0]), options)
	return string(text), err
}

func respond(r request, tracer *topdown.BufferTracer, printed io.Writer) (string, error) {
	switch r.Mode {
	case "check":
		return "", check(r)
	case "parse":
		modules, err := parse(r)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(modules[0])
		return string(text), err
	case "format":
		return formatted(r)
	case "difference": // what `opa fmt --diff` prints
		text, err := formatted(r)
		differ := diffmatchpatch.New()
		return differ.DiffPrettyText(differ.DiffMain(r.Modules[0], text, false)), err
	default:
		return eval(r, tracer, printed)
	}
}

func main() {
	debug.SetMaxStack(16 << 20) // what recurses for ever ends in a moment, not in minutes
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		tracer := topdown.NewBufferTracer()
		var printed strings.Builder
		value, err := respond(r, tracer, &printed)
		a := answer{Value: &value}
		if err != nil {
			a = failed(err)
		}
		a.Trace = steps(*tracer)
		a.Printed = printed.String()
		err = out.Encode(a)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
