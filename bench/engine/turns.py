"""One turn of all configurations on one input: who is measured, for how long, and whether the answers agree."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from agreement import disagreement
from measure import CANNOT_EXPRESS
from runs import OURS, Runs, Sample, best_peer

HERE = Path(__file__).resolve().parent
GIBIBYTE = 1 << 30
# A peer may always take this long, however fast the fastest is.
LEAST_LIMIT_SECONDS = 3
# On more threads a peer is measured only where its single thread took this long: below, starting threads is what one sees.
WORTH_THREADS_SECONDS = 0.3


def take(turn, workload, row, configurations, arguments, folder, deadline):
    for configuration in configurations:
        runs = row.runs.setdefault(configuration.label, Runs(**asdict(configuration)))
        if turn > 0 and not row.ours.finished:
            return
        if turn == 0 and configuration.threads > 1 and not worth_threads(row, configuration):
            runs.failure = "not run"
        if configuration != OURS and turn == 0 and time.monotonic() > deadline and not runs.program.startswith("tda"):
            runs.failure = "not run"
        if runs.failure or not within_budget(runs, arguments.budget):
            # A ratio compares the programs of one turn: where ours is not measured again, nobody is.
            if configuration == OURS:
                return
            continue
        runs.limit = (workload.limit or arguments.limit) * configuration.threads
        if runs.program not in ("ripser", "tda") and arguments.behind:
            fastest = best_peer(row)
            if fastest is not None and fastest.finished:
                allowed = max(LEAST_LIMIT_SECONDS, arguments.behind * fastest.median("cpu"))
                runs.limit = min(runs.limit, allowed * configuration.threads)
        calls = workload.calls if runs.program == OURS.program and configuration.threads == 1 else 1
        measure(turn, runs, calls, arguments.memory, folder, row)
        spent = f"{runs.samples[-1].cpu:.3f} s" if runs.samples else runs.failure
        print(f"  {configuration.label}: {spent}", file=sys.stderr, flush=True)


def worth_threads(row, configuration):
    if configuration.program == OURS.program:
        return True
    single = row.runs.get(configuration.program)
    return single is not None and single.finished and single.median("cpu") >= WORTH_THREADS_SECONDS


def within_budget(runs, seconds):
    spent = [sample.cpu * len(sample.walls) for sample in runs.samples]
    return not spent or sum(spent) + spent[-1] <= seconds


def one_thread_environment():
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {**os.environ, **{name: "1" for name in names}}


def cpu_seconds(pid):
    """Of a running process; 0 when it has ended."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_process(command, job, stderr):
    """(exit status or minus the signal, whether it was stopped, CPU seconds, wall seconds) of one measurement."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=one_thread_environment()
    )
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    # The first line says that the computation starts now, and the CPU seconds spent before.
    allowed = float(process.stdout.readline() or 0) + job["limit"]
    computing, stopped = time.perf_counter(), False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        elapsed = time.perf_counter() - computing
        # A process that waits for ever spends no CPU time.
        if cpu_seconds(process.pid) > allowed or elapsed > 3 * job["limit"] + 60:
            process.kill()
            stopped = True
        time.sleep(min(0.1, 0.002 + elapsed / 20))
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, stopped, usage.ru_utime + usage.ru_stime, time.perf_counter() - started


def measure(turn, runs, calls, memory_gib, folder, row):
    output, errors = folder / "output.npz", folder / "errors.txt"
    output.unlink(missing_ok=True)
    job = {"program": runs.program, "threads": runs.threads, "field": runs.field, "calls": calls}
    job |= {"limit": runs.limit, "memory_limit": int(memory_gib * GIBIBYTE)}
    command = [sys.executable, str(HERE / "measure.py"), str(folder / f"{row.name}.npz"), str(output)]
    with errors.open("w") as stderr:
        status, stopped, process_cpu, process_wall = run_process(command, job, stderr)
    said = errors.read_text().strip()
    if status != 0:
        runs.failure = "time" if stopped else failure_of(status, said)
        if runs.failure == "failed":
            print(said[-2000:], file=sys.stderr)
        return
    answer = np.load(output)
    numbers = [float(answer[name]) for name in ("growth_bytes", "peak_bytes")]
    runs.samples.append(
        Sample(turn, float(answer["cpu_seconds"]), answer["wall_seconds"].tolist(), *numbers, process_cpu, process_wall)
    )
    diagrams = [answer[f"diagram_{k}"] for k in range(sum(name.startswith("diagram_") for name in answer.files))]
    compare(runs, diagrams, folder / f"{row.name}-expected.npz")


def failure_of(status, said):
    if status == CANNOT_EXPRESS:
        return said or "cannot"
    typed = re.search(r"TDA_ERROR_\w+", said)
    if typed:
        return "memory" if typed[0] == "TDA_ERROR_MEMORY_LIMIT" else typed[0]
    # SIGKILL is not ours: a system without memory sends it.
    return "memory" if status == -9 or any(word in said for word in ("MemoryError", "bad_alloc")) else "failed"


def compare(runs, diagrams, expected_file):
    """With our first answer over the same field: bars that single precision can tell apart; ours on more threads, byte for byte."""
    if runs.field != 2:
        return
    if not expected_file.exists():
        if runs.program == OURS.program:
            np.savez(expected_file, **{str(k): bars for k, bars in enumerate(diagrams)})
        return
    saved = np.load(expected_file)
    expected = [saved[str(k)] for k in range(len(saved.files))]
    if runs.program == OURS.program:
        same = len(expected) == len(diagrams) and all(np.array_equal(a, b) for a, b in zip(expected, diagrams))
        runs.disagreement = None if same else "not the same bytes"
    else:
        runs.disagreement = disagreement(expected, diagrams)
