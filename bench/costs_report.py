"""Turns the figures of bench_costs into a table. Usage: costs_report.py FIGURES_DIR RESULTS_DIR"""
import json
import pathlib
import sys

from report_common import commit, processor

figures, results = map(pathlib.Path, sys.argv[1:3])
costs = json.loads((figures / "costs.json").read_text())


def ms(nanoseconds):
    return f"{nanoseconds / 1e6:.1f} ms"


def a_rule(count):
    return f"{compile_[f'{count} rules'] / count / 1e3:.0f}"


start, compile_, load, large, order, threads = (
    costs[name] for name in ("start", "compile", "load", "large requests", "order of members", "threads"))
rows = [("from the start of `lictor eval` to a first decision", ms(start["lictor eval"]), f"`opa eval`: {start['opa eval'] / start['lictor eval']:.1f}× slower"),
        ("compiling the three policies", ms(compile_["three policies"]), ""),
        ("compiling 10,000 rules", ms(compile_["10000 rules"]), f"{a_rule(10_000)} µs a rule; of 1,000 rules: {a_rule(1000)}, of 40,000: {a_rule(40_000)}"),
        (f"loading {load['bytes of JSON'] / 1e6:.0f} MB of data", f"{load['MB/s']:.0f} MB/s", f"{load['bytes of memory a byte']:.1f} bytes of memory a byte")]
for size in ("12 KB", "1 MB"):
    ours, dom = large[size], large[f"{size}, simdjson's DOM alone"]
    rows.append((f"a decision on {size} of which 5 fields are read", f"{ours / 1e3:.0f} µs", f"{ours / dom:.2f}× the time in which simdjson's DOM reads it"))
same, other, hand_same, hand_other = (order[f"{who}, {how}"] for who in ("lictor", "hand-written") for how in ("same order", "other orders"))
rows.append(("a decision on a request whose members stand in another order each time", f"{other:,.0f} ns",
             f"{other / same:.2f}× that on the same order; hand-written code: {hand_other / hand_same:.2f}×"))
rows.append(("decisions a second, 1 thread", f"{threads['1 thread, decisions/s']:,.0f}", f"2 threads: {threads['2 threads, × 1 thread']:.2f}×"))

text = "| question | lictor | |\n|---|---|---|\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)
text += f"\nMedians; {processor()}, commit {commit()}.\n"
(results / "costs.md").write_text(text)
print(text)
