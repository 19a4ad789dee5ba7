"""Runs a command, and reads its output without what differs from run to run or is not compared."""
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


def without_quotes(text):
    """Errors without the source lines that they quote."""
    return re.sub("\t[^\n]*\n\t *\\^+\n?", "", text)


def unsafe_in_order(text):
    """Errors that OPA writes in the order of a map of Go's, sorted: those of unsafe variables at one place."""
    if "rego_unsafe_var_error" not in text:
        return text
    if text.startswith("{"):
        answer = json.loads(text)
        place = lambda error: [error["location"][part] for part in ("file", "row", "col")] if "location" in error else []
        answer["errors"].sort(key=lambda error: (place(error), error["message"]))
        return json.dumps(answer, indent=1)
    lines = text.split("\n")
    unsafe = [at for at, line in enumerate(lines) if "rego_unsafe_var_error" in line]
    for at, line in zip(unsafe, sorted((lines[at] for at in unsafe), key=lambda line: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", line)])):
        lines[at] = line
    return "\n".join(lines)


def without_sentences(text):
    """JSON without OPA's sentences about the operands of builtins, which lictor does not have."""
    return re.sub(r'\n *"description": "[^"\n]*",(?=\n *"name":)', "", text)
