"""Every known case and random suite against the engine, and our column of docs/reference/conformance.md."""

from pathlib import Path

import conformance
import page
import pytest
import random_suites

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "conformance.md"
ASKED = [case for case in conformance.load_cases() if case.elsewhere is None]


@pytest.fixture(scope="module")
def our_column():
    return page.our_column(PAGE.read_text())


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.id)
def test_case(case, our_column):
    verdict = conformance.judge("tda", case)
    assert verdict.kind == conformance.AGREES, verdict.detail
    assert our_column[case.id] == page.cell({verdict.kind: 1}, False)


@pytest.mark.parametrize("suite", random_suites.SUITES)
def test_random_suite(suite, our_column):
    counts, detail = conformance.judge_suite("tda", suite)
    assert counts == {conformance.AGREES: random_suites.SUITES[suite][2]}, detail
    assert our_column[suite] == page.cell(counts, True)


def test_the_page_has_the_cases_and_no_others(our_column):
    assert set(our_column) == {case.id for case in ASKED} | set(random_suites.SUITES)
