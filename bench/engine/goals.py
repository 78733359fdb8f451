"""What the engine promises, and what this run shows of it. Each goal answers a line: reached, not reached, or not measured."""

import math
import statistics

from runs import best_peer, ratio

MEBIBYTE = 1 << 20

GEOMETRIC_MEAN_BEST_PEER = 8
GEOMETRIC_MEAN_RIPSER = 15
SLOW_PEER_SECONDS = 0.3  # a factor is promised on inputs that take the best peer longer
SLOW_SECONDS = 1.0  # a second thread's gain is promised on inputs that take us longer
SECOND_THREAD = 1.6
LARGE_PEER_BYTES = 100e6  # less memory is promised where the least peer takes more
MEMORY_FACTOR = 2
POINTS_PER_SECOND = 100_000
CALL_SECONDS = 5.0


def geometric_mean(values):
    values = list(values)
    return math.exp(statistics.fmean(math.log(v) for v in values)) if values else None


def bound_text(value):
    return "–" if value is None else f"{'> ' if value[1] else ''}{value[0]:.3g}"


def ripser_ratio(row):
    return ratio(row.ours, row.runs["ripser"]) if "ripser" in row.runs else None


def best_peer_ratio(row):
    best = best_peer(row)
    return ratio(row.ours, best) if best else None


def is_held_to_factor(row):
    """Whether the best peer takes so long that a factor is promised."""
    best = best_peer(row)
    return best is not None and (not best.finished or best.median("cpu") > SLOW_PEER_SECONDS)


def second_thread(runs_one, runs_two):
    """How much less wall time two threads take: the median over the turns."""
    if not runs_one.samples or not runs_two.finished:
        return None
    one = {s.turn: statistics.median(s.walls) for s in runs_one.samples}
    paired = [one[s.turn] / statistics.median(s.walls) for s in runs_two.samples if s.turn in one]
    return statistics.median(paired) if paired else None


def least_growth(row):
    """The peer whose memory grew least, of those that finished on one thread."""
    return min((r for r in row.peers() if r.finished), key=lambda r: r.median("growth"), default=None)


def memory_ratio(row):
    least = least_growth(row)
    if least is None or not row.ours.samples:
        return None
    return least.median("growth") / max(row.ours.median("growth"), MEBIBYTE)


def percentile(values, share):
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def line(reached, text):
    return f"- {'–' if reached is None else '✓' if reached else '✗'} {text}"


def mean_goal(rows, of_row, goal, name):
    ratios = [r for row in rows for r in [of_row(row)] if r]
    mean = geometric_mean(value for value, _ in ratios)
    if mean is None:
        return line(None, f"Geometric mean against {name}: at least {goal} × – not measured")
    stopped = sum(1 for _, is_bound in ratios if is_bound)
    note = f", {stopped} of them lower bounds" if stopped else ""
    return line(mean >= goal, f"Geometric mean against {name}: at least {goal} × – {mean:.1f} × over {len(ratios)} inputs{note}")


def table_goals(rows):
    rows = [row for row in rows if row.group == "table"]
    lines = [
        mean_goal(rows, best_peer_ratio, GEOMETRIC_MEAN_BEST_PEER, "the best peer of each input"),
        mean_goal(rows, ripser_ratio, GEOMETRIC_MEAN_RIPSER, "Ripser"),
    ]
    for row in rows:
        value = best_peer_ratio(row)
        if value is None:
            lines.append(line(None, f"{row.name}: no peer to compare with"))
        elif is_held_to_factor(row):
            # A bound below the goal shows nothing either way.
            reached = value[0] >= row.goal or (None if value[1] else False)
            best = best_peer(row)
            lines.append(line(reached, f"{row.name}: at least {row.goal:g} × the best peer – {bound_text(value)} × ({best.program})"))
        elif value[0] < 1:
            lines.append(line(False, f"{row.name}: never slower – {value[0]:.2f} × ({best_peer(row).program})"))
    compared = [v for row in rows for v in [best_peer_ratio(row)] if v and not v[1]]
    if compared:
        slower = sum(1 for value, _ in compared if value < 1)
        lines.append(line(slower == 0, f"Never slower than a peer – slower on {slower} of {len(compared)} inputs"))
    return lines


def thread_goals(rows):
    lines = []
    for row in rows:
        two = row.runs.get("tda, 2 threads")
        if two is None or not row.ours.finished or row.ours.median("wall") <= SLOW_SECONDS:
            continue
        gain = second_thread(row.ours, two)
        shown = f"{gain:.2f} ×" if gain else "not measured"
        lines.append(line(gain and gain >= SECOND_THREAD, f"{row.name}: a second thread gives {SECOND_THREAD} × – {shown}"))
    return lines or [line(None, f"A second thread gives {SECOND_THREAD} × on inputs over a second – none took that long")]


def memory_goals(rows):
    lines = []
    for row in rows:
        least = least_growth(row)
        if row.group != "table" or least is None or least.median("growth") <= LARGE_PEER_BYTES:
            continue
        value = memory_ratio(row)
        if value:
            text = f"{row.name}: at most 1/{MEMORY_FACTOR} of the least peer's memory – 1/{value:.1f} ({least.program})"
            lines.append(line(value >= MEMORY_FACTOR, text))
    return lines or [line(None, "Memory where the least peer takes over 100 MB – no such input was measured")]


def scale_goals(rows):
    lines = []
    for row in rows:
        if row.group != "scale":
            continue
        if not row.ours.finished:
            lines.append(line(False, f"{row.name}: {row.ours.failure or 'not measured'}"))
            continue
        if row.points >= POINTS_PER_SECOND:
            speed = row.points / row.ours.median("wall")
            text = f"{row.name}: {POINTS_PER_SECOND:,} points per second – {speed:,.0f} on one thread"
            lines.append(line(speed >= POINTS_PER_SECOND, text))
        if len(row.ours.walls) >= 20:
            slow = percentile(row.ours.walls, 0.95)
            text = f"{row.name}: 95 % of {len(row.ours.walls)} calls within {CALL_SECONDS:g} s – {slow:.3g} s"
            lines.append(line(slow <= CALL_SECONDS, text))
    return lines


def all_lines(rows):
    return table_goals(rows) + thread_goals(rows) + memory_goals(rows) + scale_goals(rows)
