"""The two checkers side by side. An error is (row, column, code, message)."""
import json
import os
import pathlib
import subprocess


def key(error):
    place = error.get("location", error)
    return place.get("row", 0), place.get("col", 0), error.get("code", ""), error["message"]


class Lictor:
    def __init__(self, binary, folder):
        self.binary, self.folder = os.path.abspath(binary), folder

    def errors(self, text, strict=False, v0=False):
        return [key(error) for error in self.check({"m0.rego": text}, strict, v0)]

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
        return [key(error) for error in json.loads(self.process.stdout.readline()).get("errors", [])]
