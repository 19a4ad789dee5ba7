"""Turns the figures of bench_graphql, bench_schemas and bench_tokens into a table. Usage: calls_report.py FIGURES_DIR RESULTS_DIR"""
import json
import pathlib
import sys

from report_common import commit, processor

figures, results = map(pathlib.Path, sys.argv[1:3])

text = "| call | lictor | OPA in-process | |\n|---|---|---|---|\n"
for family in ("tokens", "schemas", "graphql"):
    ours, theirs = (json.loads((figures / f"{who}_{family}.json").read_text()) for who in ("lictor", "opa"))
    for name, time in ours.items():
        opa = theirs[name]["turn_ns"]
        text += f"| {name} | {time / 1e3:.1f} µs | {opa / 1e3:.1f} µs | {opa / time:.1f}× |\n"
text += f"\nRequest text to decision text, medians of rounds; {processor()}, commit {commit()}.\n"
(results / "calls.md").write_text(text)
print(text)
