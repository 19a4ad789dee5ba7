"""The two checkers side by side. An error is (row, column, code, message, details): those for programs, and the lines for people that
a type error has."""
import json
import os
import pathlib
import subprocess


def without_descriptions(details):
    """OPA tells what a builtin's parameters are for, in sentences; lictor only names them."""
    if isinstance(details, dict):
        return {name: without_descriptions(item) for name, item in details.items() if name != "description"}
    return [without_descriptions(item) for item in details] if isinstance(details, list) else details


def key(error, details=None, lines=None):
    place = error.get("location", error)
    typed = error.get("code") == "rego_type_error"
    told = (json.dumps(without_descriptions(details)), lines if typed else None) if details else None
    return place.get("row", 0), place.get("col", 0), error.get("code", ""), error["message"], told


class Lictor:
    def __init__(self, binary, folder):
        self.binary, self.folder = os.path.abspath(binary), folder

    def errors(self, text, strict=False, v0=False):
        found = self.check({"m0.rego": text}, strict, v0)
        told = [error.get("details") for error in found]
        shown = self.lines(["m0.rego"], strict, v0) if any(told) else [None] * len(told)
        return [key(error, details, lines) for error, details, lines in zip(found, told, shown)]

    def lines(self, modules, strict, v0):
        """What stands below each error, its source line, and the caret."""
        flags = ["--strict"] * strict + ["--v0-compatible"] * v0
        done = subprocess.run([self.binary, "check", *flags, *modules], cwd=self.folder, capture_output=True, text=True)
        out = []
        for line in done.stderr.split("\n"):
            if line.startswith("\t"):
                out[-1].append(line[1:])
            elif ": rego_" in line or line.startswith("rego_"):
                placeless = line.startswith("rego_")  # no source line, no caret
                out.append(["", ""] if placeless else [])
        return [lines[2:] for lines in out]

    def check(self, modules, strict=False, v0=False):
        """The errors of several modules, by name, as `lictor check` reports them."""
        for name, text in modules.items():
            pathlib.Path(self.folder, name).write_text(text, newline="")
        flags = ["--strict"] * strict + ["--v0-compatible"] * v0
        command = [self.binary, "check", "--format", "json", *flags, *modules]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"lictor check ended with {done.returncode}: {done.stderr}")
        report = done.stdout or done.stderr
        return json.loads(report)["errors"] if report.strip() else []

class Opa:
    def __init__(self, oracle):
        self.process = subprocess.Popen([oracle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def errors(self, text, strict=False, v0=False):
        request = {"mode": "check", "modules": [text], "strict": strict, "v0": v0}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        errors = json.loads(self.process.stdout.readline()).get("errors", [])
        told = [error.get("details") or {"json": None, "lines": None} for error in errors]
        return [key(error, one["json"], one["lines"]) for error, one in zip(errors, told)]
