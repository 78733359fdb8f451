"""What a program makes of the field's known cases (cases.json) and of random inputs, as verdicts."""

import json
import math
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import inputs
import numpy as np
import random_suites
from agreement import disagreement
from programs import PROGRAMS
from questions import CannotExpress, Question, enclosing_radius, padded

AGREES, ROUNDED, DISAGREES, REFUSES, CANNOT = "agrees", "agrees, rounded to float32", "disagrees", "refuses", "cannot express"
# Programs that are compared with each other for edge collapse.
COLLAPSES = {"tda": ["tda, no collapse", "tda, collapse"], "gudhi": ["gudhi, no collapse"]}
COLLAPSES |= {"giotto-ph": ["giotto-ph, collapse"], "holos": ["holos, collapse"]}


@dataclass(frozen=True)
class Verdict:
    kind: str
    detail: str = ""


@dataclass(frozen=True)
class Case:
    id: str
    what: str
    seen_in: str
    question: dict | None = None
    diagrams: list | None = None
    refused: bool = False
    may_refuse: bool = False
    check: str | None = None  # a function below, named check_…
    elsewhere: str | None = None  # not asked here, and why


def load_cases():
    return [Case(**row) for row in json.loads(Path(__file__).with_name("cases.json").read_text())]


def number(value):
    return math.inf if value == "inf" else float(value)


def question_of(data):
    data = dict(data)
    if "formula" in data:
        values = getattr(inputs, data.pop("formula"))(*data.pop("arguments"))
    elif "entries" in data:
        entries = data.pop("entries")
        values = np.array([number(entry[2]) for entry in entries])
        data["indices"] = tuple(np.array([entry[k] for entry in entries], np.int64) for k in (0, 1))
    else:
        values = data.pop("values")
        rows = values if isinstance(values[0], list) else [values]
        values = np.array([[number(x) for x in row] for row in rows])
        values = values[0] if data["kind"] == "lower" else values
    return Question(values=values, **data)


def expected_of(case):
    """Sorted diagrams; a third number of a bar says how often it is there."""
    repeated = [[bar[:2] for bar in bars for _ in range(bar[2] if len(bar) == 3 else 1)] for bars in case.diagrams]
    return [bars_of([[number(x) for x in bar] for bar in bars]) for bars in repeated]


def bars_of(bars):
    """Sorted; those of no length left out, since some programs report them."""
    bars = np.asarray(bars, np.float64).reshape(-1, 2)
    bars = bars[bars[:, 0] < bars[:, 1]]
    return bars[np.lexsort((bars[:, 1], bars[:, 0]))]


def compare(diagrams, expected):
    diagrams = [bars_of(bars) for bars in diagrams]
    same_shapes = [len(bars) for bars in diagrams] == [len(bars) for bars in expected]
    if same_shapes and all(np.allclose(a, b, rtol=1e-14, atol=0) for a, b in zip(diagrams, expected)):
        return Verdict(AGREES)
    different = disagreement(expected, diagrams)
    return Verdict(DISAGREES, different) if different else Verdict(ROUNDED)


def answer(name, question):
    return PROGRAMS[name].prepare(question)()


def judge(name, case):
    """The verdict on one program and one case. What ends the process is for the caller to see."""
    try:
        question = question_of(case.question)
        if case.check:
            return globals()[f"check_{case.check}"](name, question)
        diagrams = answer(name, question)
    except CannotExpress as limit:
        return Verdict(CANNOT, str(limit))
    except Exception as error:  # whatever a program raises is its refusal
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Verdict(AGREES if case.refused or case.may_refuse else REFUSES, said[:120])
    if case.refused:
        return Verdict(DISAGREES, "gives an answer")
    return compare(diagrams, expected_of(case))


def check_enclosing_radius(name, question):
    matrix = inputs.pairwise(question.values)
    whole = [bars_of(bars) for bars in answer(name, question)]
    return compare(answer(name, replace(question, threshold=enclosing_radius(matrix))), whole)


def check_doubled(name, question):
    once = [2 * bars_of(bars) for bars in answer(name, question)]
    return compare(answer(name, replace(question, values=2 * question.values)), once)


def check_collapse(name, question):
    if name not in COLLAPSES:
        raise CannotExpress("no choice of edge collapse")
    verdicts = []
    for field in (2, 7):
        asked = replace(question, field=field)
        expected = [bars_of(bars) for bars in answer(name, asked)]
        verdicts += [compare(answer(other, asked), expected) for other in COLLAPSES[name]]
    return next((v for v in verdicts if v.kind == DISAGREES), verdicts[0])


def check_threads(name, question):
    if not PROGRAMS[name].has_threads:
        raise CannotExpress("no choice of threads")
    answers = [answer(name, replace(question, threads=count)) for count in range(1, 6)]
    together = [threading.Thread(target=lambda: answers.append(answer(name, question))) for _ in range(2)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    contents = [[np.asarray(bars).tobytes() for bars in diagrams] for diagrams in answers]
    different = [k + 1 for k, content in enumerate(contents) if content != contents[0]]
    if len(contents) < 7:
        return Verdict(DISAGREES, "fails when two run at once")
    return Verdict(DISAGREES, f"other bytes in runs {different}") if different else Verdict(AGREES)


def check_thousand_calls(name, question):
    compute = PROGRAMS[name].prepare(question)
    held = []
    for call in range(1000):
        compute()
        if call % 100 == 99:
            held.append(resident_kib())
    # The allocator settles in the first hundreds; a leak goes on.
    growth = held[-1] - held[4]
    return Verdict(DISAGREES, f"{growth} KiB more after 500 further calls") if growth > 1024 else Verdict(AGREES)


def resident_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def check_million_points(name, question):
    if PROGRAMS[name].package is None:
        question = replace(question, memory_limit=512 << 20)
    diagrams = [bars_of(bars) for bars in padded(answer(name, question), 1)]
    circle = bars_of([[2 * math.sin(math.pi / 24), math.sqrt(3)]])
    pieces = len(question.values) - 23
    if len(diagrams[0]) != len(question.values) or np.count_nonzero(np.isinf(diagrams[0])) != pieces:
        return Verdict(DISAGREES, f"{len(diagrams[0])} bars in dimension 0")
    return compare(diagrams[1:], [circle]) if len(diagrams[1]) != 1 else near(diagrams[1], circle)


def near(bars, expected):
    """The corners of the circle are rounded: not exact to the last digits."""
    for tolerance, kind in ((1e-12, AGREES), (2e-6, ROUNDED)):
        if np.allclose(bars, expected, rtol=tolerance):
            return Verdict(kind)
    return Verdict(DISAGREES, f"{bars.tolist()}")


def judge_question(name, question, expected):
    try:
        diagrams = answer(name, question)
    except CannotExpress as limit:
        return Verdict(CANNOT, str(limit))
    except Exception as error:  # whatever a program raises is its refusal
        return Verdict(REFUSES, str(error)[:120])
    return compare(diagrams, expected)


def judge_suite(name, suite):
    """{kind: how many}, and the first disagreement or refusal."""
    counts, detail = {}, ""
    for question, expected in random_suites.questions_of(suite):
        verdict = judge_question(name, question, expected)
        counts[verdict.kind] = counts.get(verdict.kind, 0) + 1
        if verdict.kind in (DISAGREES, REFUSES):
            detail = detail or verdict.detail
    return counts, detail
