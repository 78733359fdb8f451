"""docs/reference/conformance.md as text, and our column of it read back."""

from conformance import AGREES, CANNOT, DISAGREES, REFUSES, ROUNDED
from random_suites import SUITES

SIGNS = {AGREES: "✓", ROUNDED: "≈", DISAGREES: "✗", REFUSES: "!", CANNOT: "–"}
NOTED = (DISAGREES, REFUSES)

INTRODUCTION = """# Conformance

Who computes what is known. The cases come from public test suites and issue threads of the field, each recomputed independently; the
random suites are compared with a naive reduction of the whole boundary matrix over Z/p. Made by `npm run bench -- conformance` from
`engine/tests/peers/`; the tests compute our column again and fail when it is another.

✓ agrees (to the last digits of float64) · ≈ agrees, with values rounded to float32 · ✗ disagrees · ! refuses, or does not come
back · – cannot be asked: there is no such input or option. In a suite each sign stands before its number of inputs. Bars of no
length count for nothing. A program that is asked to refuse agrees when it does. Notes say what differed first.
"""


def cell(counts, is_suite):
    kinds = [kind for kind in SIGNS if kind in counts]
    return " ".join(f"{SIGNS[kind]} {counts[kind]}" if is_suite else SIGNS[kind] for kind in kinds)


def escaped(text):
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "| --- |" + " --- |" * (len(head) - 1), *("| " + " | ".join(row) + " |" for row in rows)]


def render(cases, programs, results, versions):
    """results: {program: {case or suite: (counts by kind, detail)}}."""
    notes = []

    def cells(task, is_suite):
        row = []
        for name in programs:
            counts, detail = results[name][task]
            row.append(cell(counts, is_suite))
            if detail and any(kind in counts for kind in NOTED):
                notes.append(f"- {name}, *{task}*: {escaped(detail)}")
        return row

    asked = [case for case in cases if case.elsewhere is None]
    known = [[f"*{case.id}*: {case.what}", case.seen_in, *cells(case.id, False)] for case in asked]
    random = [[f"*{suite}*: {what}", *cells(suite, True)] for suite, (what, _, _) in SUITES.items()]
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        INTRODUCTION,
        f"Peers: {named}.",
        "",
        "## Known cases",
        "",
        *table(["case", "seen in", *programs], known),
        "",
        "Not asked here:",
        "",
        *(f"- {case.what} ({case.seen_in}): {case.elsewhere}." for case in cases if case.elsewhere),
        "",
        "## Random suites",
        "",
        *table(["suite", *programs], random),
        "",
        "## Notes",
        "",
        *notes,
    ]
    return "\n".join(lines) + "\n"


def our_column(text):
    """{case or suite: our cell} of a rendered page."""
    column, ours = {}, None
    for line in text.splitlines():
        cells = [part.strip() for part in line.strip("|").split(" | ")]
        if "tda" in cells:
            ours = cells.index("tda")
        elif line.startswith("| *") and ours is not None:
            column[cells[0].split("*")[1]] = cells[ours]
    return column
