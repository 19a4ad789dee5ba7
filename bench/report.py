"""Turns the figures of one run into a table of ratios and a bar chart. Usage: report.py FIGURES_DIR RESULTS_DIR"""
import json
import math
import pathlib
import sys

from report_common import commit, processor

figures, results = map(pathlib.Path, sys.argv[1:3])
POLICIES = ["resource_limits", "sla_enforcement", "feature_flags"]
COLORS = {"hand-written": "#9aa5b1", "lictor": "#2f7d5b", "OPA in-process": "#c98b2b", "OPA over HTTP": "#b4483f",
          "regorus RVM": "#4a6fa5", "OPA wasm": "#7a5195", "regorus interpreter": "#6b8fc9", "rego-cpp": "#3f3f3f"}
PEERS = ["OPA wasm", "regorus RVM", "regorus interpreter", "rego-cpp"]

ours = json.loads((figures / "lictor.json").read_text())
peers = json.loads((figures / "peers.json").read_text())


def times(policy):
    return {
        "hand-written": ours[policy]["handwritten"],
        "lictor": ours[policy]["lictor"],
        **{engine: slower(engine, policy) * ours[policy]["lictor"] for engine in [*PEERS, "OPA in-process", "OPA over HTTP"]
           if policy in peers["engines"][engine]},
    }


def slower(engine, policy, figure="turn_ns"):
    """How many times as long an engine takes as lictor did right before and behind."""
    found = peers["engines"][engine][policy]
    return found[figure] / found["lictor_ns"]


def slower_over_all(engine, figure="turn_ns"):
    """The same of a decision by each policy in turn."""
    found = [peers["engines"][engine][policy] for policy in POLICIES]
    return sum(one[figure] for one in found) / sum(one["lictor_ns"] for one in found)


def over_all(figure, base):
    return sum(ours[policy][figure] for policy in POLICIES) / sum(ours[policy][base] for policy in POLICIES)


def peers_table():
    versions = {"regorus RVM": "regorus", "regorus interpreter": "regorus", "OPA wasm": "@open-policy-agent/opa-wasm", "rego-cpp": "regopy"}
    lines = ["| engine | " + " | ".join(POLICIES) + " | over all | answers that differ |", "|---" * (len(POLICIES) + 3) + "|"]
    for peer in PEERS:
        found = peers["engines"][peer]
        name = f"{peer} ({versions[peer]} {peers['versions'][versions[peer]]})"
        if "skipped" in found:
            lines.append(f"| {name} | left out: {found['skipped']} |" + " |" * (len(POLICIES) + 1))
            continue
        cells = [f"{slower(peer, policy):,.0f}× slower" if policy in found else "does not compile it" for policy in POLICIES]
        cells.append(f"{slower_over_all(peer):,.0f}× slower" if all(policy in found for policy in POLICIES) else "")
        wrong = " + ".join(str(found[policy]["disagreements"]) for policy in POLICIES if policy in found)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {wrong} |")
    lines += ["", "Request text → decision text, each engine's prepared path on the same 512 requests a policy (rego-cpp: 128): the median of its rounds over all of them, beside lictor's right before and behind; the median of five turns; "
              f"{processor()}, commit {commit()}."]
    return "\n".join(lines) + "\n"


def table():
    lines = [
        "| policy | lictor | × hand-written | hand-written, DOM | input read before | OPA in-process | OPA over HTTP, p50 (p99) |",
        "|---|---|---|---|---|---|---|",
    ]
    for policy in POLICIES:
        t = times(policy)
        lines.append(
            f"| {policy} | {t['lictor']:.0f} ns | {ours[policy]['ratio']:.2f} | × {ours[policy]['tree_ratio']:.2f} | "
            f"{ours[policy]['read']:.0f} ns, × {ours[policy]['read_ratio']:.2f} | "
            f"{slower('OPA in-process', policy):.0f}× slower | {slower('OPA over HTTP', policy, 'p50_ns'):.0f}× slower "
            f"({slower('OPA over HTTP', policy, 'p99_ns'):.0f}×) |"
        )
    lines.append(
        f"| over all | | {over_all('lictor', 'handwritten'):.2f} | × {over_all('tree', 'handwritten'):.2f} | "
        f"× {over_all('read', 'read_handwritten'):.2f} | {slower_over_all('OPA in-process'):.0f}× slower | "
        f"{slower_over_all('OPA over HTTP', 'p50_ns'):.0f}× slower ({slower_over_all('OPA over HTTP', 'p99_ns'):.0f}×) |"
    )
    lines.append("")
    lines.append(f"512 varying inputs a policy, request text → decision text, over all: one decision by each policy; medians of 301 turns, each of which takes all of them through each; hand-written code reads by simdjson On-Demand, "
                 f"whose time DOM's is a multiple of; input read before: a `lictor::Input` against the hand-written rules on plain fields; {processor()}, commit {commit()}.")
    return "\n".join(lines) + "\n"


def chart():
    width, row, left = 760, 18, 150
    bars = [(policy, name, value) for policy in POLICIES for name, value in times(policy).items()]
    top = max(math.log10(value) for *_, value in bars)
    height = 40 + len(bars) * row + len(POLICIES) * 22
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="20" font-weight="bold">Nanoseconds a decision, request text to decision text (logarithmic)</text>']
    y, last = 30, None
    for policy, name, value in bars:
        if policy != last:
            y += 18
            out.append(f'<text x="10" y="{y}" font-weight="bold">{policy}</text>')
            y, last = y + 4, policy
        length = (width - left - 110) * (math.log10(value) - 2) / (top - 2)
        out.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{name}</text>')
        out.append(f'<rect x="{left}" y="{y + 3}" width="{length:.0f}" height="13" fill="{COLORS[name]}"/>')
        out.append(f'<text x="{left + length + 6:.0f}" y="{y + 13}">{value:,.0f} ns</text>')
        y += row
    return "\n".join(out + ["</svg>"]) + "\n"


(results / "decisions.md").write_text(table())
(results / "peers.md").write_text(peers_table())
(results / "decisions.svg").write_text(chart())
print(table())
print(peers_table())
