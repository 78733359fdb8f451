"""Random small inputs whose diagrams the oracle computes: (question, expected diagrams) by suite and number."""

import numpy as np
import oracle
from questions import Question

FIELDS = (2, 3, 11)


def matrix(seed, size):
    """Symmetric, zero diagonal, exact in float32: ties; no triangle inequality; a metric; a metric with duplicates and ties."""
    random = np.random.default_rng(seed)
    style = seed % 4
    if style < 2:
        upper = random.integers(1, 5, (size, size)) if style == 0 else random.random((size, size))
    else:
        x = random.random((size, 3))
        x = np.round(x * 3) if style == 3 else x
        upper = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
    upper = np.triu(np.asarray(upper, np.float32), 1)
    return upper + upper.T


def full(number):
    """A whole matrix, with a threshold in a third of them; dimensions 0 to 3."""
    values = matrix(number, 3 + number % 7)
    threshold = float(np.median(values)) if number % 3 == 0 else np.inf
    question = Question("full", values, number // 4 % 4, threshold, FIELDS[number % 3])
    return question, values


def sparse(number):
    """Half of the pairs."""
    values = matrix(number, 4 + number % 6) + np.float32(0.5)
    rows, columns = np.tril_indices(len(values), -1)
    keep = np.random.default_rng(number + 1000).random(len(rows)) < 0.6
    rows, columns = rows[keep], columns[keep]
    graph = np.full(values.shape, np.inf)
    np.fill_diagonal(graph, 0)
    graph[rows, columns] = graph[columns, rows] = values[rows, columns]
    question = Question(
        "sparse", values[rows, columns], 2, field=FIELDS[number % 3], rows=len(values), indices=(rows, columns)
    )
    return question, graph


def births(number):
    """Births on the diagonal, below every edge."""
    values = matrix(number, 3 + number % 6) + np.float32(1)
    np.fill_diagonal(values, np.random.default_rng(number).random(len(values)).astype(np.float32))
    return Question("full", values, 2, field=FIELDS[number % 3]), values


def doubles(number):
    """Values that float32 does not hold: a program that rounds gives rounded bars."""
    upper = np.triu(np.random.default_rng(number + 2000).random((9, 9)), 1)
    values = upper + upper.T
    return Question("full", values, 2, field=FIELDS[number % 3]), values


def points(number):
    """Points of a small grid: duplicates, and distances that many pairs share."""
    x = np.random.default_rng(number + 3000).integers(0, 3, (9, 2)).astype(np.float64)
    return Question("points", x, 2, field=FIELDS[number % 3]), np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))


SUITES = {
    "random-full": ("random matrices: ties, duplicates, no triangle inequality, thresholds; dimensions 0 to 3", full, 120),
    "random-sparse": ("random sparse distances; dimensions 0 to 2", sparse, 60),
    "random-births": ("random births on the diagonal; dimensions 0 to 2", births, 60),
    "random-doubles": ("random float64 distances; dimensions 0 to 2", doubles, 60),
    "random-points": ("random points of a small grid; dimensions 0 to 2", points, 60),
}


def questions_of(suite):
    """(question, expected diagrams) of each number."""
    _, make, count = SUITES[suite]
    for number in range(count):
        question, values = make(number)
        yield question, oracle.diagrams(values.tolist(), question.max_dimension, question.threshold, question.field)
