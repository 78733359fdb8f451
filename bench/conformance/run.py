"""docs/reference/conformance.md: `npm run bench -- conformance`. Every known case and random suite, the engine and each peer.

Each program answers in processes of its own, with bounded time and memory: one that ends its process loses that case only.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import warnings
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "engine" / "tests" / "peers"), str(Path(__file__).resolve().parent)]

import conformance  # noqa: E402
import page  # noqa: E402
import random_suites  # noqa: E402
from programs import PROGRAMS  # noqa: E402

COLUMNS = ["tda", "ripser", "gudhi", "gudhi, simplex tree", "giotto-ph", "giotto-ph, collapse", "holos", "holos, collapse"]
COLUMNS += ["redzed", "oineus", "canns-ripser", "dionysus"]
CPU_SECONDS = 120
MEMORY_BYTES = 8 << 30


def work(name, tasks):
    """In the worker: one JSON line per task as it is done."""
    warnings.filterwarnings("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Programs print what they like: their output goes where nobody reads it.
    report = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    cases = {case.id: case for case in conformance.load_cases()}
    for task in tasks:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # ends the process
        if task in cases:
            verdict = conformance.judge(name, cases[task])
            result = {verdict.kind: 1}, verdict.detail
        else:
            result = conformance.judge_suite(name, task)
        print(json.dumps([task, *result]), file=report)


def ask(name, tasks):
    """{task: (counts by kind, detail)} of one program; a process that ends early is started again after the task it died of."""
    results, left = {}, list(tasks)
    while left:
        done = subprocess.run(
            [sys.executable, __file__, "--worker", name, *left], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for text in done.stdout.splitlines():
            task, counts, detail = json.loads(text)
            results[task] = counts, detail
            left.remove(task)
        if left:
            if done.returncode == 0:
                raise SystemExit(f"{name} answered nothing to {left[0]}: {done.stderr[-1000:]}")
            if done.returncode == 1:
                raise SystemExit(done.stderr)
            results[left.pop(0)] = {conformance.REFUSES: 1}, ending(done)
        print(f"  {name}: {len(results)} of {len(tasks)}", file=sys.stderr, flush=True)
    return results


def ending(done):
    """How a process ended that answered no more, and the last that it said."""
    if done.returncode == -signal.SIGPROF:
        return f"no answer within {CPU_SECONDS} CPU seconds"
    said = (done.stderr.strip().splitlines() or [""])[-1].strip()
    how = signal.Signals(-done.returncode).name if done.returncode < 0 else f"status {done.returncode}"
    return f"the process ended with {how}" + (f": {said[:120]}" if said else "")


def main():
    parser = argparse.ArgumentParser(prog="npm run bench -- conformance", description=__doc__.split("\n")[0])
    parser.add_argument("--programs", metavar="NAME", nargs="+", default=COLUMNS, choices=COLUMNS)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "reference" / "conformance.md")
    arguments = parser.parse_args()
    cases = conformance.load_cases()
    tasks = [case.id for case in cases if case.elsewhere is None] + list(random_suites.SUITES)
    results = {name: ask(name, tasks) for name in arguments.programs}
    versions = {p.package: metadata.version(p.package) for p in map(PROGRAMS.get, arguments.programs) if p.package}
    arguments.output.write_text(page.render(cases, arguments.programs, results, versions))
    print(arguments.output.read_text())
    wrong = [task for task, (counts, _) in results["tda"].items() if set(counts) != {conformance.AGREES}]
    if wrong:
        raise SystemExit(f"The engine does not agree: {', '.join(wrong)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2], sys.argv[3:])
    else:
        main()
