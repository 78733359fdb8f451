"""The engine against its peers, in one run on one machine: `npm run bench -- engine [options]`.

Every measurement is a process of its own (measure.py); the programs take turns, so that a busy moment hits all of them.
Writes bench/results/engine.md and fails when a program that finished disagrees with the engine's diagrams.
"""

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import paths
import report
import tda_ctypes
import workloads
from agreement import disagreement
from programs import PROGRAMS

HERE = Path(__file__).resolve().parent


@dataclass
class Runs:
    """What one program did with one input."""

    limit: float
    cpu: list = field(default_factory=list)
    growth: list = field(default_factory=list)
    peak: list = field(default_factory=list)
    diagrams: list | None = None
    failure: str | None = None  # "time", "memory" or "failed"
    disagreement: str | None = None

    def is_worth_repeating(self, budget_seconds):
        return self.failure is None and (not self.cpu or sum(self.cpu) + self.cpu[-1] <= budget_seconds)


def one_thread_environment():
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {**os.environ, **{name: "1" for name in names}}


def measure(program, input_file, folder, runs):
    output = Path(folder, "output.npz")
    output.unlink(missing_ok=True)
    command = [sys.executable, str(HERE / "measure.py"), program, str(input_file), str(output)]
    try:
        # Start-up and conversion are outside the measured time, but not free.
        done = subprocess.run(command, timeout=runs.limit + 30, env=one_thread_environment(), capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        runs.failure = "time"
        return
    if done.returncode != 0:
        runs.failure = "memory" if done.returncode == -9 or "MemoryError" in done.stderr else "failed"
        print(done.stderr[-2000:], file=sys.stderr)
        return
    answer = np.load(output)
    runs.cpu.append(float(answer["cpu_seconds"]))
    runs.growth.append(float(answer["growth_bytes"]))
    runs.peak.append(float(answer["peak_bytes"]))
    if runs.cpu[-1] > runs.limit:
        runs.failure = "time"
    runs.diagrams = [answer[f"diagram_{k}"] for k in range(sum(name.startswith("diagram_") for name in answer.files))]


def measure_workload(workload, kind, values, programs, arguments):
    row = {program: Runs(arguments.limit) for program in programs}
    with tempfile.TemporaryDirectory() as folder:
        input_file = Path(folder, "input.npz")
        threshold = np.inf if workload.threshold is None else workload.threshold
        np.savez(input_file, kind=kind, values=values, max_dimension=workload.max_dimension, threshold=threshold)
        for turn in range(arguments.repeats):
            for program, runs in row.items():
                if runs.is_worth_repeating(arguments.budget):
                    measure(program, input_file, folder, runs)
                    spent = f"{runs.cpu[-1]:.3f} s" if runs.cpu else runs.failure
                    print(f"  {turn + 1}/{arguments.repeats} {program}: {spent}", file=sys.stderr, flush=True)
    for program, runs in row.items():
        if program != "tda" and runs.diagrams is not None and row["tda"].diagrams is not None:
            runs.disagreement = disagreement(row["tda"].diagrams, runs.diagrams)
    return row


def parse_arguments():
    parser = argparse.ArgumentParser(prog="npm run bench -- engine", description=__doc__.split("\n")[0])
    parser.add_argument("--data", metavar="FOLDER", help="folder with the field's published inputs (NAME.npy, NAME.ldm.bin)")
    parser.add_argument("--group", default="default", choices=["default", "promise", "slow", "all", "smoke"])
    parser.add_argument("--only", metavar="NAME", nargs="+", default=[], help="these workloads")
    parser.add_argument("--programs", metavar="NAME", nargs="+", default=list(PROGRAMS), choices=list(PROGRAMS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--limit", type=float, default=120, help="CPU seconds after which a program is stopped")
    parser.add_argument("--budget", type=float, default=60, help="CPU seconds of one program on one input, over all repeats")
    parser.add_argument("--output", type=Path, default=paths.ROOT / "bench" / "results" / "engine.md")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    programs = ["tda", *(name for name in arguments.programs if name != "tda")]
    rows, titles = {}, {}
    for workload in workloads.select(arguments.group, arguments.only):
        loaded = workload.load(arguments.data)
        if loaded is None:
            print(f"{workload.name}: only with --data", file=sys.stderr)
            continue
        source, kind, values = loaded
        cut = "" if workload.threshold is None else f", threshold {workload.threshold}"
        titles[workload.name] = f"{workload.name}, {source} ({workload.max_dimension}{cut})"
        print(titles[workload.name], file=sys.stderr, flush=True)
        rows[workload.name] = measure_workload(workload, kind, values, programs, arguments)
    if not rows:
        raise SystemExit("Nothing was measured.")
    settings = argparse.Namespace(
        arguments=" ".join(argument if os.sep not in argument else "FOLDER" for argument in sys.argv[1:]).strip(),
        date=datetime.date.today().isoformat(),
        processors=os.cpu_count(),
        repeats=arguments.repeats,
        limit=arguments.limit,
        titles=titles,
    )
    trial = tda_ctypes.vietoris_rips("points", np.zeros((1, 1)))
    facts = {"version": tda_ctypes.version(), "target": tda_ctypes.target_name(trial.statistics.simd_target)}
    report.write(arguments.output, rows, programs, settings, facts)
    print(arguments.output.read_text())
    wrong = [name for name, row in rows.items() if row["tda"].failure or any(runs.disagreement for runs in row.values())]
    if wrong:
        raise SystemExit(f"The diagrams differ or the engine failed: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
