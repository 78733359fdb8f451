"""bench/results/engine.md and its plots from the measurements."""

import platform

import goals
import plot
from programs import PROGRAMS
from runs import best_peer, ratio

MEBIBYTE = goals.MEBIBYTE


def processor_name():
    with open("/proc/cpuinfo") as info:
        return next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), platform.machine())


def seconds_text(seconds):
    return f"{seconds:.3g}" if seconds < 1000 else f"{seconds:.0f}"


def failure_text(runs):
    return f"> {runs.limit / runs.threads:.0f}" if runs.failure == "time" else runs.failure or "–"


def cell(runs, quantity="cpu"):
    if runs is None:
        return "–"
    return seconds_text(runs.median(quantity)) if runs.finished else failure_text(runs)


def mebibytes(runs, quantity):
    return f"{runs.median(quantity) / MEBIBYTE:.0f}" if runs is not None and runs.finished else "–"


def table(heads, lines):
    return ["| " + " | ".join(heads) + " |", "| --- |" + " --- |" * (len(heads) - 1)] + [
        "| " + " | ".join(line) + " |" for line in lines
    ]


def programs_of(rows, threads=1):
    """Names that were measured, in the order of PROGRAMS."""
    used = {r.program for row in rows for r in row.runs.values() if r.threads == threads and r.failure != "not run"}
    return [name for name in PROGRAMS if name in used]


def verdict(row):
    different = [f"{label}: {runs.disagreement}" for label, runs in row.runs.items() if runs.disagreement]
    agreeing = {runs.program for runs in row.peers() if runs.finished and not runs.disagreement}
    return "; ".join(different) if different else f"equal ({len(agreeing)})"


def heading(facts):
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    behind = f", and so was a peer (but not ripser) at {facts['behind']:g} times the fastest peer so far" if facts["behind"] else ""
    return [
        "# The engine against its peers",
        "",
        f"`npm run bench -- engine {facts['command']}`, {facts['date']}, one run on one machine: {facts['processor']}, "
        f"{facts['processors']} processors, {facts['system']}, load {facts['load']:.1f} at the start. Coefficients Z/2 where nothing "
        f"else is said. Engine {facts['version']}, instruction set {facts['target']}; {packages}.",
        "",
        "Each figure is the median of up to "
        f"{facts['repeats']} runs, each in a process of its own, the programs in turn; a ratio is the median of the turns' ratios. "
        "CPU time and growth of memory are those of the computation, from the input in memory to the diagrams; distances of points are "
        f"part of it, loading libraries is not. `> 60` was stopped after 60 CPU seconds: the limit is {facts['limit']:g}{behind}. "
        f"`memory` needed over {facts['memory']:g} GiB, `needs all distances` has no way around a matrix of over 1 GiB. "
        "Measured figures of other runs differ by some 10 %. The data of this page: [engine.json](engine.json).",
    ]


def one_thread(rows, programs):
    lines = []
    for row in rows:
        best = best_peer(row)
        factor = f"{row.goal:g}" if row.group == "table" and goals.is_held_to_factor(row) else ""
        lines.append(
            [
                row.title,
                *(cell(row.runs.get(p)) for p in programs),
                goals.bound_text(goals.ripser_ratio(row)),
                goals.bound_text(goals.best_peer_ratio(row)) + (f" ({best.program})" if best else ""),
                factor,
                verdict(row),
            ]
        )
    heads = ["input (max dimension)", *programs, "× ripser", "× best peer", "goal", "diagrams"]
    return ["## One thread, CPU seconds", "", "![CPU seconds](engine-time.svg)", "", *table(heads, lines)]


def means(rows, programs):
    """One geometric mean per peer, over the inputs where it finished or was stopped."""
    lines = []
    for name in programs:
        if PROGRAMS[name].package is None:
            continue
        ratios = [r for row in rows if name in row.runs for r in [ratio(row.ours, row.runs[name])] if r]
        if ratios:
            mean = goals.geometric_mean(value for value, _ in ratios)
            bounds = sum(1 for _, is_bound in ratios if is_bound)
            lines.append([name, f"{mean:.1f}", str(len(ratios)), str(bounds)])
    return ["Geometric mean of each peer's CPU time over ours:", "", *table(["peer", "×", "inputs", "of them stopped"], lines)]


def several_threads(rows):
    counts = sorted({r.threads for row in rows for r in row.runs.values()} - {1})
    lines = []
    for count in counts:
        for row in rows:
            cells = []
            for name in programs_of(rows, count):
                one, more = row.runs.get(name), row.runs.get(f"{name}, {count} threads")
                gain = goals.second_thread(one, more) if one and more else None
                walls = [seconds_text(one.median("wall")), seconds_text(more.median("wall"))] if gain else []
                cells.append(f"{walls[0]} → {walls[1]}, {gain:.2f} ×" if gain else "–")
            lines.append([row.title, *cells])
        if lines:
            heads = ["input", *programs_of(rows, count)]
            return [f"## {count} threads, wall seconds", "", "One thread → more, and how many times faster.", "", *table(heads, lines)]
    return []


def memory(rows, programs):
    lines = []
    for row in rows:
        value = goals.memory_ratio(row)
        least = goals.least_growth(row)
        share = f"{value:.1f} ({least.program})" if value else "–"
        lines.append([row.title, *(mebibytes(row.runs.get(p), "growth") for p in programs), share])
    return [
        "## Growth of memory, MiB",
        "",
        "![Memory](engine-memory.svg)",
        "",
        *table(["input", *programs, "least peer over ours"], lines),
    ]


def whole_process(rows, programs):
    def entry(runs):
        return f"{seconds_text(runs.median('process_cpu'))}, {mebibytes(runs, 'peak')}" if runs and runs.finished else "–"

    lines = [[row.title, *(entry(row.runs.get(p)) for p in programs)] for row in rows]
    about = "Interpreter, libraries and conversion of the input included: CPU seconds, peak MiB."
    return ["## Whole process", "", about, "", *table(["input", *programs], lines)]


def fields(rows):
    lines = []
    for row in rows:
        for runs in row.runs.values():
            if runs.field != 2 and runs.finished and row.ours.finished:
                value = ratio(row.ours, runs)
                lines.append([row.title, cell(row.ours), f"Z/{runs.field}: {cell(runs)}", goals.bound_text(value)])
    return ["## Other fields, CPU seconds", "", *table(["input", "Z/2", "Z/p", "Z/p over Z/2"], lines)] if lines else []


def write(folder, rows, facts):
    """Writes engine.md, engine-time.svg and engine-memory.svg."""
    programs = programs_of(rows)
    parts = [
        heading(facts),
        ["## Goals", "", *goals.all_lines(rows)],
        one_thread(rows, programs),
        means(rows, programs),
        several_threads(rows),
        memory(rows, programs),
        whole_process(rows, programs),
        fields(rows),
    ]
    text = "\n\n".join("\n".join(part) for part in parts if part) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.md").write_text(text)
    for name, quantity, unit, title, axis in (
        ("engine-time.svg", "cpu", 1, "Time of one thread", "CPU seconds, logarithmic: less is better"),
        ("engine-memory.svg", "growth", MEBIBYTE, "Memory of one thread", "growth in MiB, logarithmic: less is better"),
    ):
        series = {
            p: [row.runs[p].median(quantity) / unit if p in row.runs and row.runs[p].finished else None for row in rows]
            for p in programs
        }
        drawn = {p: values for p, values in series.items() if any(value is not None for value in values)}
        (folder / name).write_text(plot.dots(title, axis, [row.name for row in rows], drawn))
