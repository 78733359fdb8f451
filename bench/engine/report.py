"""bench/results/engine.md from the measurements."""

import math
import platform
import statistics
from importlib import metadata

from programs import PACKAGES

MEBIBYTE = 1 << 20


def median(values):
    return statistics.median(values) if values else None


def processor_name():
    with open("/proc/cpuinfo") as info:
        return next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), platform.machine())


def seconds_text(seconds):
    return f"{seconds:.3g}" if seconds < 1000 else f"{seconds:.0f}"


def cell(runs, limit):
    """Median CPU seconds and growth of memory, or why there is none."""
    if runs.failure == "time":
        return f"> {limit:.0f}"
    if runs.failure:
        return runs.failure
    return f"{seconds_text(median(runs.cpu))}, {median(runs.growth) / MEBIBYTE:.0f} MiB"


def ratio(ours, theirs):
    """How often theirs takes the time of ours; a lower bound when theirs was stopped at the limit."""
    if not ours.cpu:
        return None
    if theirs.failure == "time":
        return theirs.limit / median(ours.cpu), True
    return (median(theirs.cpu) / median(ours.cpu), False) if theirs.cpu else None


def ratio_text(value):
    return "–" if value is None else f"{'> ' if value[1] else ''}{value[0]:.1f}"


def best_peer_ratio(row):
    """Against the fastest peer that finished, else the lower bound."""
    ratios = [r for name, runs in row.items() if name != "tda" for r in [ratio(row["tda"], runs)] if r]
    finished = [r for r in ratios if not r[1]]
    return min(finished or ratios, default=None)


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(v) for v in values)) if values else None


def write(path, rows, programs, settings, facts):
    """rows: {workload: {program: Runs}}; settings: time limit and repeats; facts: what ran."""
    lines = [
        "# The engine against its peers",
        "",
        f"`npm run bench -- engine {settings.arguments}`, {settings.date}, one run on one machine: {processor_name()}, "
        f"{settings.processors} processors, {platform.system()} {platform.machine()}. One thread each, coefficients Z/2. "
        f"Engine {facts['version']}, instruction set {facts['target']}; "
        + ", ".join(f"{name} {metadata.version(PACKAGES[name])}" for name in programs if name in PACKAGES and "," not in name)
        + ".",
        "",
        "Each cell: median CPU seconds of the computation in its own process, and by how much the process's memory grew over "
        f"the interpreter, its libraries and the input. Up to {settings.repeats} runs, the programs in turn; `> {settings.limit:.0f}` was "
        "stopped. The diagrams of all programs that finished were compared with the engine's.",
        "",
        "| input (max dimension) | " + " | ".join(programs) + " | × ripser | × best peer | diagrams |",
        "| --- |" + " --- |" * (len(programs) + 3),
    ]
    for name, row in rows.items():
        cells = [cell(row[p], settings.limit) if p in row else "–" for p in programs]
        against = ratio(row["tda"], row["ripser"]) if "ripser" in row else None
        lines.append(
            f"| {settings.titles[name]} | "
            + " | ".join(cells)
            + f" | {ratio_text(against)} | {ratio_text(best_peer_ratio(row))} | {verdict(row)} |"
        )
    lines += ["", summary(rows), "", "## Whole-process peak memory", "", memory_table(rows, programs, settings), ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))


def verdict(row):
    different = [f"{name}: {runs.disagreement}" for name, runs in row.items() if runs.disagreement]
    agreeing = sum(1 for name, runs in row.items() if name != "tda" and runs.cpu and not runs.disagreement)
    return "; ".join(different) if different else f"equal ({agreeing})"


def summary(rows):
    ripser = [r[0] for row in rows.values() if "ripser" in row for r in [ratio(row["tda"], row["ripser"])] if r]
    best = [r[0] for row in rows.values() for r in [best_peer_ratio(row)] if r]
    parts = [
        f"{label} {geometric_mean(values):.1f}" for label, values in (("ripser", ripser), ("the best peer", best)) if values
    ]
    return "Geometric mean of the ratios (a stopped program counts with the limit): " + ", ".join(parts) + "."


def memory_table(rows, programs, settings):
    lines = ["| input | " + " | ".join(f"{p}, MiB" for p in programs) + " |", "| --- |" + " --- |" * len(programs)]
    for name, row in rows.items():
        peaks = [f"{median(row[p].peak) / MEBIBYTE:.0f}" if p in row and row[p].peak else "–" for p in programs]
        lines.append(f"| {settings.titles[name]} | " + " | ".join(peaks) + " |")
    return "\n".join(lines)
