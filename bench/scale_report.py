"""Turns the figures of bench_scale into a table and a chart. Usage: scale_report.py FIGURES_DIR RESULTS_DIR"""
import json
import math
import pathlib
import sys
from xml.sax.saxutils import escape

from report_common import commit, processor

figures, results = map(pathlib.Path, sys.argv[1:3])
shapes = json.loads((figures / "scale.json").read_text())
opa = json.loads((figures / "opa_scale.json").read_text())
regorus = json.loads((figures / "regorus_scale.json").read_text())
COLORS = ["#2f7d5b", "#c98b2b", "#b4483f", "#4a6fa5", "#7a5195", "#9aa5b1", "#3f3f3f", "#d17fa3", "#6b8e23", "#1f9e9e"]
COMPARED = 100_000  # rows at most; see bench_scale --write


def slower(peer, ours):
    if "p50_ns" in peer:
        return f"{peer['p50_ns'] / ours:,.0f}× slower"
    return "does not compile it" if "skipped" in peer else "left out"


def of_read(peer, ours):
    beside = f", {slower(peer['of_read'], ours)}" if "of_read" in peer else ""
    return f"{ours:.0f} ns{beside}"


def table():
    sizes = sorted({int(n) for shape in shapes for n in shape["ns"]})
    lines = ["| one decision, ns, with … rules or rows | " + " | ".join(f"{n:,}" for n in sizes) + " | largest ÷ smallest | at | OPA in-process | regorus RVM | input read before, OPA in-process |",
             "|---" * (len(sizes) + 6) + "|"]
    for number, shape in enumerate(shapes):
        times = {int(n): ns for n, ns in shape["ns"].items()}
        compared = min(max(times), COMPARED)
        peers = [slower(peer.get(f"scale{number}", {}), times[compared]) for peer in (opa, regorus)]
        peers.append(of_read(opa.get(f"scale{number}", {}), shape["of_read_ns"]))
        cells = [f"{times[n]:.0f}" if n in times else "" for n in sizes]
        name = shape["name"].replace("|", "\\|")
        lines.append(f"| `{name}` | " + " | ".join(cells) +
                     f" | {times[max(times)] / times[min(times)]:.2f} | {compared:,} | " + " | ".join(peers) + " |")
    lines += ["", f"Request text → decision text; 512 requests that need rules and rows all over the range, medians of 41 rounds in which the sizes take turns; {processor()}, commit {commit()}."]
    return "\n".join(lines) + "\n"


def chart():
    width, height, left, top = 760, 420, 60, 20
    right, bottom = width - 20, height - 40 - 18 * len(shapes)
    most_ns = max(ns for shape in shapes for ns in shape["ns"].values()) * 1.2

    def x(n):
        return left + (right - left) * (math.log10(n) - 1) / 5

    def y(ns):
        return bottom - (bottom - top) * ns / most_ns

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>']
    for power in range(1, 7):
        out.append(f'<text x="{x(10**power):.0f}" y="{bottom + 16}" text-anchor="middle">{10**power:,}</text>')
    step = 10 ** math.floor(math.log10(most_ns)) / 2
    for k in range(int(most_ns / step) + 1):
        out.append(f'<line x1="{left}" x2="{right}" y1="{y(k * step):.0f}" y2="{y(k * step):.0f}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 6}" y="{y(k * step) + 4:.0f}" text-anchor="end">{k * step:.0f} ns</text>')
    for number, shape in enumerate(shapes):
        color = COLORS[number % len(COLORS)]
        points = " ".join(f"{x(int(n)):.0f},{y(ns):.0f}" for n, ns in shape["ns"].items())
        out.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        at = bottom + 40 + 18 * number
        out.append(f'<rect x="{left}" y="{at - 9}" width="14" height="4" fill="{color}"/>')
        out.append(f'<text x="{left + 22}" y="{at}">{escape(shape["name"])}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


text = table()
(results / "scale.md").write_text(text)
(results / "scale.svg").write_text(chart())
print(text)
