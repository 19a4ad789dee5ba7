"""Prints one decision on a few lines: what `lictor bench -f json` answered. Usage: demo_line.py NAME"""
import json
import sys

answer = json.load(sys.stdin)
decision = answer["decision"]
if "allow" in decision:
    verdict = "allowed" if decision["allow"] else "denied"
    details = [f"{v['severity']}: {v['msg']}" for v in decision["violations"]]
else:
    on = [name for name, value in decision.items() if value]
    verdict, details = f"{len(on)} features on", on
print(f"{sys.argv[1]:32} {verdict:14} {answer['p50_ns']} ns a decision")
for line in details:
    print(f"    {line}")
