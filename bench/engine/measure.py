"""One measurement in a process of its own: measure.py INPUT.npz OUTPUT.npz < job, a JSON object.

Writes the diagrams and the CPU seconds, wall seconds and memory of the computation. Memory: the whole process's peak
while computing, and its growth over what the process held before (interpreter, libraries, input). When the computation
starts, the CPU seconds spent before go to standard output, from which on the caller counts. (A limit of the system's
would make the process's clock tick in milliseconds.) The memory limit bounds the address space.
"""

import json
import resource
import sys
import time

import numpy as np
import paths  # noqa: F401  makes engine/tests/peers importable
from programs import PROGRAMS
from questions import CannotExpress, Question

CANNOT_EXPRESS = 3  # exit status


def memory_kib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def forget_peak():
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")


def main(input_file, output_file):
    job = json.load(sys.stdin)
    given = np.load(input_file)
    question = Question(
        str(given["kind"]),
        given["values"],
        int(given["max_dimension"]),
        float(given["threshold"]),
        field=job["field"],
        threads=job["threads"],
        memory_limit=job["memory_limit"],
    )
    try:
        compute = PROGRAMS[job["program"]].prepare(question)
    except CannotExpress as refusal:
        print(refusal, file=sys.stderr)
        raise SystemExit(CANNOT_EXPRESS) from None
    resource.setrlimit(resource.RLIMIT_AS, (job["memory_limit"] + memory_kib("VmSize") * 1024,) * 2)
    print(time.process_time(), flush=True)
    forget_peak()
    before_kib = memory_kib("VmRSS")
    cpu, walls = time.process_time(), []
    for _ in range(job["calls"]):
        wall = time.perf_counter()
        diagrams = compute()
        walls.append(time.perf_counter() - wall)
    cpu = (time.process_time() - cpu) / len(walls)
    peak_kib = memory_kib("VmHWM")
    np.savez(
        output_file,
        cpu_seconds=cpu,
        wall_seconds=walls,
        peak_bytes=peak_kib * 1024,
        growth_bytes=max(0, peak_kib - before_kib) * 1024,
        **{f"diagram_{k}": bars for k, bars in enumerate(diagrams)},
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
