"""The engine against its peers, in one run on one machine: `npm run bench -- engine [options]`.

Every measurement is a process of its own (measure.py); the programs take turns, so that a busy moment hits all of them.
Writes bench/results/engine.json, engine.md and plots; fails when a program that finished disagrees with the engine's diagrams.
"""

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import numpy as np
import paths
import report
import tda_ctypes
import turns
import workloads
from programs import PROGRAMS
from runs import OURS, Configuration, Row


def parse_arguments():
    parser = argparse.ArgumentParser(prog="npm run bench -- engine", description=__doc__.split("\n")[0])
    parser.add_argument("--data", metavar="FOLDER", help="folder with the field's published inputs (NAME.npy, NAME.ldm.bin)")
    parser.add_argument("--group", nargs="+", default=["table", "scale"], choices=workloads.GROUPS)
    parser.add_argument("--only", metavar="NAME", nargs="+", default=[], help="these workloads")
    defaults = [name for name, program in PROGRAMS.items() if program.is_default]
    parser.add_argument("--programs", metavar="NAME", nargs="+", default=defaults, choices=[*PROGRAMS, "all"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="1 is always measured")
    parser.add_argument("--repeats", type=int, default=5, help="turns at most")
    parser.add_argument("--minutes", type=float, default=25, help="after these no further turn starts; the first leaves out peers")
    parser.add_argument("--limit", type=float, default=120, help="CPU seconds after which a program is stopped")
    parser.add_argument(
        "--behind", type=float, default=3, help="stop a peer, but not ripser, at so many times the fastest peer so far; 0 = never"
    )
    parser.add_argument("--budget", type=float, default=20, help="CPU seconds of one program on one input, over all repeats")
    parser.add_argument("--memory", type=float, default=12, metavar="GIB", help="a program that needs more is stopped")
    parser.add_argument("--render", action="store_true", help="write the page and plots again from engine.json")
    parser.add_argument("--output", type=Path, default=paths.ROOT / "bench" / "results", metavar="FOLDER")
    return parser.parse_args()


def configurations(workload, arguments):
    """Ours first, then each peer; what runs on more threads follows its own single thread."""
    wanted = set(PROGRAMS) if "all" in arguments.programs else {OURS.program, *arguments.programs}
    names = [name for name in PROGRAMS if name in wanted]
    # The likely winner first, since a peer far behind the fastest so far is stopped early: with a threshold it is the first in PROGRAMS.
    if workload.threshold is None:
        names.sort(key=lambda name: {OURS.program: 0, "redzed": 1}.get(name, 2))
    threads = sorted({1, *arguments.threads})
    for name in names:
        ours = PROGRAMS[name].package is None
        if not ours and workload.peers is not None and name.split(",")[0] not in workload.peers:
            continue
        for count in threads if PROGRAMS[name].has_threads else [1]:
            yield Configuration(name, count)
        if name == OURS.program:
            yield from (Configuration(name, 1, p) for p in workload.fields if p != 2)


def prepare(workload, arguments, folder):
    """The input as a file that every measurement reads, and an empty row; None when the workload has no input."""
    loaded = workload.load(arguments.data)
    if loaded is None:
        print(f"{workload.name}: only with --data", file=sys.stderr)
        return None
    source, kind, values = loaded
    threshold = np.inf if workload.threshold is None else workload.threshold
    np.savez(folder / f"{workload.name}.npz", kind=kind, values=values, max_dimension=workload.max_dimension, threshold=threshold)
    points = len(values) if kind == "points" else workloads.inputs.lower_triangle_size(values)
    cut = "" if workload.threshold is None else f", threshold {workload.threshold:g}"
    title = f"{workload.name}, {source} ({workload.max_dimension}{cut})"
    return Row(workload.name, title, workload.group, workload.goal, points)


def measure_all(chosen, arguments):
    with tempfile.TemporaryDirectory() as folder:
        rows = [(w, row) for w in chosen for row in [prepare(w, arguments, Path(folder))] if row is not None]
        deadline = time.monotonic() + 60 * arguments.minutes
        for turn in range(arguments.repeats):
            for workload, row in rows:
                if turn > 0 and time.monotonic() > deadline:
                    break
                print(f"{turn + 1}/{arguments.repeats} {row.title}", file=sys.stderr, flush=True)
                turns.take(turn, workload, row, configurations(workload, arguments), arguments, Path(folder), deadline)
    return [row for _, row in rows]


def facts(arguments):
    trial = tda_ctypes.vietoris_rips("points", np.zeros((1, 1)))
    packages = sorted({p.package for p in PROGRAMS.values() if p.package})
    return {
        "command": " ".join(word if os.sep not in word else "FOLDER" for word in sys.argv[1:]),
        "date": datetime.date.today().isoformat(),
        "processor": report.processor_name(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": os.getloadavg()[0],
        "version": tda_ctypes.version(),
        "target": tda_ctypes.target_name(trial.statistics.simd_target),
        "packages": {name: metadata.version(name) for name in packages},
        "repeats": arguments.repeats,
        "limit": arguments.limit,
        "behind": arguments.behind,
        "memory": arguments.memory,
    }


def main():
    arguments = parse_arguments()
    file = arguments.output / "engine.json"
    if arguments.render:
        saved = json.loads(file.read_text())
        known, rows = saved["facts"], [Row.from_json(row) for row in saved["rows"]]
    else:
        known = facts(arguments)
        rows = measure_all(workloads.select(arguments.group, arguments.only), arguments)
        if not rows:
            raise SystemExit("Nothing was measured.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"facts": known, "rows": [row.to_json() for row in rows]}, indent=1) + "\n")
    report.write(arguments.output, rows, known)
    print((arguments.output / "engine.md").read_text())
    wrong = [row.name for row in rows if row.ours.failure or any(r.disagreement for r in row.runs.values())]
    if wrong:
        raise SystemExit(f"The diagrams differ or the engine failed: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
