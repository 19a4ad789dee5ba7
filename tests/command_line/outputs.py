"""Runs a command, and reads a report of tests without what differs from run to run."""
import json
import re
import subprocess

TIME = re.compile(r"\(-?[0-9.]+(ns|µs|ms|s)\)")


def run(program, arguments, given):
    """Exit status, standard output and standard error; `given` is standard input."""
    given = given if isinstance(given, bytes) else given.encode()
    done = subprocess.run([program, *arguments], input=given, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def test_report(text):
    """A report of tests as a sorted list, since OPA runs tests in parallel; without times."""
    if text.startswith("["):
        tests = json.loads(text)
        for test in tests:
            del test["duration"]
        return sorted(map(json.dumps, tests))
    text = TIME.sub("(T)", text)
    # The blank line between files is OPA's own.
    blocks, block = [], []
    for line in text.split("\n"):
        starts = re.match(r"[^ ].*:\d+:$|-{80}$|(PASS|FAIL|SKIPPED|ERROR): \d+/\d+$", line)
        is_failure = re.match(r"data\..*: (FAIL|ERROR) \(T\)$", line) and not (block and re.match(r"[^ ].*:\d+:$", block[-1]))
        if starts or is_failure:
            blocks.append("\n".join(block).strip())
            block = []
        block.append(line)
    return sorted(filter(None, [*blocks, "\n".join(block).strip()]))
