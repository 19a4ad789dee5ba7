#!/usr/bin/env python3
"""Times OPA and the other engines on the inputs and policies of the benchmarks. Each is pinned, installed by its own registry's client
into build/peers, and left out with a reason if it cannot be had. lictor and an engine take turns, since a machine has slow seconds;
the turn that counts is the one of the median ratio. Usage: run.py RELEASE_DIR OPA_DIR INPUT_DIR.
Prints {engine: {policy: {turn_ns, p50_ns, p99_ns, disagreements, lictor_ns}} or {skipped: reason}}, versions beside them."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build/peers"
POLICIES = ROOT / "policies/orchestrator"
NAMES = ("resource_limits", "sla_enforcement", "feature_flags")
REGOPY = "1.5.2"
TURNS = 5


class Missing(Exception):
    pass


def say(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


def call(command, why, **options):
    """Runs a command and returns what it prints; Missing with `why` and its last line if it fails."""
    if shutil.which(command[0]) is None:
        raise Missing(f"there is no {pathlib.Path(command[0]).name}")
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()[-1]
        raise Missing(f"{why}: {last}")
    return done.stdout


# Each of these brings an engine and returns what times it.


def regorus(inputs):
    say("building regorus")
    environment = {**os.environ, "CARGO_TARGET_DIR": str(BUILD / "regorus")}
    source = BUILD / "regorus-source"  # cargo writes its lock beside the sources
    shutil.copytree(HERE / "regorus", source, dirs_exist_ok=True)
    call(["cargo", "build", "--release", "--quiet", "--manifest-path", source / "Cargo.toml"], "cargo cannot build it", env=environment)
    return lambda: json.loads(call([str(BUILD / "regorus/release/peer_regorus"), POLICIES, inputs], "it stopped"))


def wasm(inputs, opa):
    folder = BUILD / "wasm"
    shutil.copytree(HERE / "wasm", folder, dirs_exist_ok=True)
    say("bringing OPA wasm")
    call(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", folder], "npm cannot install it")
    for name in NAMES:
        bundle = folder / f"{name}.tar.gz"
        entrypoint = f"neuralhive/orchestrator/{name}/result"
        call([str(opa), "build", "-t", "wasm", "-e", entrypoint, POLICIES / f"{name}.rego", "-o", bundle], "OPA does not build it")
        with tarfile.open(bundle) as archive:
            (folder / f"{name}.wasm").write_bytes(archive.extractfile("/policy.wasm").read())
    return lambda: json.loads(call(["node", folder / "run.mjs", folder, inputs], "it stopped"))


def rego_cpp(inputs):
    folder = BUILD / "rego_cpp"
    python = folder / "bin/python"
    say("bringing rego-cpp")
    if not python.exists():
        call([sys.executable, "-m", "venv", folder], "there is no virtual environment")
    call([str(python), "-m", "pip", "install", "--quiet", f"regopy=={REGOPY}"], "pip cannot install it")
    return lambda: json.loads(call([str(python), HERE / "rego_cpp/run.py", POLICIES, inputs], "it stopped"))


def opa_itself(inputs, folder):
    names = {"in_process": "OPA in-process", "http": "OPA over HTTP"}

    def measure():
        found = json.loads(call([str(folder / "bench"), folder / "opa", POLICIES, inputs], "it stopped"))
        return {shown: {policy: found[policy][name] for policy in NAMES} for name, shown in names.items()}

    return measure


def lictor(release):
    """Nanoseconds of a decision now, by policy, timed alone as the other engines are."""
    found = json.loads(call([str(release / "bench/bench_decisions"), "--alone"], "lictor stopped"))
    return {policy: figures["lictor"] for policy, figures in found.items()}


def beside(release, measure):
    """What `measure` finds, with what lictor takes right before and behind it."""
    turns, before = [], lictor(release)
    for _ in range(TURNS):
        found = measure()
        behind = lictor(release)
        for figures in found.values():
            for policy in figures:
                figures[policy]["lictor_ns"] = (before[policy] + behind[policy]) / 2
        turns.append(found)
        before = behind

    def median(engine, policy):
        figures = [found[engine][policy] for found in turns]
        return sorted(figures, key=lambda one: one["turn_ns"] / one["lictor_ns"])[TURNS // 2]

    return {engine: {policy: median(engine, policy) for policy in figures} for engine, figures in turns[0].items()}


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: run.py RELEASE_DIR OPA_DIR INPUT_DIR")
    release, opa, inputs = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    BUILD.mkdir(parents=True, exist_ok=True)
    peers = [
        (("OPA in-process", "OPA over HTTP"), lambda: opa_itself(inputs, opa)),
        (("regorus RVM", "regorus interpreter"), lambda: regorus(inputs)),
        (("OPA wasm",), lambda: wasm(inputs, opa / "opa")),
        (("rego-cpp",), lambda: rego_cpp(inputs)),
    ]
    out = {}
    for engines, bring in peers:
        try:
            measure = bring()
            say(f"timing {' and '.join(engines)}")
            out.update(beside(release, measure))
        except Missing as missing:
            say(f"{engines[0]} is left out: {missing}")
            out.update({engine: {"skipped": str(missing)} for engine in engines})
    versions = {"regorus": "0.14.1", "@open-policy-agent/opa-wasm": "1.10.0", "regopy": REGOPY}
    print(json.dumps({"engines": out, "versions": versions}, indent=1))


main()
