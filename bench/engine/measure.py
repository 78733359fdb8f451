"""One measurement in a process of its own: measure.py PROGRAM INPUT.npz OUTPUT.npz

Writes the diagrams and the CPU seconds, wall seconds and memory of the computation. Memory: the whole process's peak
while computing, and its growth over what the process held before (interpreter, libraries, input).
"""

import sys
import time

import numpy as np
import paths  # noqa: F401  makes the engine's binding importable
from programs import PROGRAMS


def memory_kib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def forget_peak():
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")


def main(program_name, input_file, output_file):
    given = np.load(input_file)
    threshold = float(given["threshold"])
    program = PROGRAMS[program_name]()
    program.prepare(
        str(given["kind"]), given["values"], int(given["max_dimension"]), None if np.isinf(threshold) else threshold
    )
    forget_peak()
    before_kib = memory_kib("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    diagrams = program.compute()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak_kib = memory_kib("VmHWM")
    np.savez(
        output_file,
        cpu_seconds=cpu,
        wall_seconds=wall,
        peak_bytes=peak_kib * 1024,
        growth_bytes=(peak_kib - before_kib) * 1024,
        **{f"diagram_{k}": np.asarray(bars, np.float64).reshape(-1, 2) for k, bars in enumerate(diagrams)},
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
