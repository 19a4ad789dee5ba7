"""Times rego-cpp, through its Python package, on the inputs of the benchmarks: a compiled bundle, request text to decision text.
Usage: run.py POLICY_DIR INPUT_DIR. Prints {engine: {policy: {turn_ns, p50_ns, p99_ns, disagreements}}}, where turn_ns is the mean."""
import json
import pathlib
import sys
import time

import regopy

# It needs about a millisecond a decision: one round over some of the inputs.
MOST = 128


def figures(policies, folder, policy):
    inputs = (folder / f"{policy}.ndjson").read_text().splitlines()[:MOST]
    answers = [json.loads(line) for line in (folder / f"{policy}.answers.ndjson").read_text().splitlines()[:MOST]]
    entrypoint = f"neuralhive/orchestrator/{policy}/result"
    interpreter = regopy.Interpreter()
    interpreter.add_module(policy, (policies / f"{policy}.rego").read_text())
    bundle = interpreter.build(None, [entrypoint])

    def decide(text):
        interpreter.set_input_term(text)
        return str(interpreter.query_bundle_entrypoint(bundle, entrypoint))

    disagreements, times = 0, []
    for text, answer in zip(inputs, answers):
        start = time.perf_counter_ns()
        output = decide(text)
        times.append(time.perf_counter_ns() - start)
        disagreements += json.loads(output)["expressions"][0] != answer
    times.sort()
    return {"turn_ns": sum(times) // len(times), "p50_ns": times[len(times) // 2], "p99_ns": times[len(times) * 99 // 100], "disagreements": disagreements}


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: run.py POLICY_DIR INPUT_DIR")
    policies, folder = map(pathlib.Path, sys.argv[1:])
    names = ("resource_limits", "sla_enforcement", "feature_flags")
    print(json.dumps({"rego-cpp": {name: figures(policies, folder, name) for name in names}}))


main()
