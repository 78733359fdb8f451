"""One question to all programs, and the forms of input that they take: a matrix, or a neighbour graph."""

import math
from dataclasses import dataclass

import inputs
import numpy as np

# A matrix of all distances above this is no way to answer a question about points.
LARGEST_MATRIX_BYTES = 1 << 30
# From here on, with a threshold, programs that take either are given a neighbour graph instead of a matrix.
MANY_POINTS = 5000


class CannotExpress(Exception):
    """The program has no such input or option."""


@dataclass(frozen=True)
class Question:
    """kind: "points" (n, d), "full" (n, n) with births on the diagonal, "lower" (flat, rows 1 … n-1) or "sparse" (at `indices`)."""

    kind: str
    values: np.ndarray
    max_dimension: int = 1
    threshold: float = math.inf
    field: int = 2
    threads: int = 1
    rows: int | None = None  # number of points of a sparse input
    indices: tuple | None = None  # (rows, columns) of a sparse input
    metric: str = "euclidean"
    memory_limit: int = 0  # the engine's own budget in bytes; 0 = none

    @property
    def size(self):
        if self.kind == "lower":
            return inputs.lower_triangle_size(self.values)
        return self.rows if self.kind == "sparse" else len(self.values)

    @property
    def is_cut(self):
        return math.isfinite(self.threshold)

    @property
    def has_births(self):
        if self.kind == "sparse":
            rows, columns = self.indices
            return bool(np.any(np.equal(rows, columns)))
        return self.kind == "full" and bool(np.any(np.diagonal(self.values)))

    @property
    def asks_for_neighbours(self):
        return self.kind == "sparse" or (self.kind == "points" and self.is_cut and self.size > MANY_POINTS)


def matrix_of(question, births=False):
    """A function that answers the square float64 matrix. A matrix is converted now; distances of points are part of the computation."""
    if question.kind == "sparse":
        raise CannotExpress("no sparse input")
    if question.has_births and not births:
        raise CannotExpress("no births on the diagonal")
    refuse_all_distances(question)
    if question.kind == "points":
        from scipy.spatial.distance import cdist

        metric = {"manhattan": "cityblock"}.get(question.metric, question.metric)
        points = question.values
        return lambda: cdist(points, points, metric) if len(points) else np.zeros((0, 0))
    square = inputs.square(question.values) if question.kind == "lower" else question.values
    matrix = square.astype(np.float64)
    return lambda: matrix


def refuse_all_distances(question):
    if 8 * question.size**2 > LARGEST_MATRIX_BYTES:
        raise CannotExpress("needs all distances")


def graph_of(question):
    """A function that answers a SciPy sparse matrix in the upper triangle: of a sparse input, or of the neighbours of points."""
    from scipy.sparse import coo_matrix
    from scipy.spatial import cKDTree

    shape = (question.size, question.size)
    if question.kind == "sparse":
        graph = coo_matrix((question.values, (np.minimum(*question.indices), np.maximum(*question.indices))), shape=shape)
        return lambda: graph

    def neighbours():
        pairs = cKDTree(question.values).query_pairs(question.threshold, output_type="ndarray")
        lengths = np.linalg.norm(question.values[pairs[:, 0]] - question.values[pairs[:, 1]], axis=1)
        return coo_matrix((lengths, (pairs[:, 0], pairs[:, 1])), shape=shape)

    return neighbours


def enclosing_radius(matrix):
    """At or above the least radius at which some point sees all: rounding to float32 must not remove the cone's last edge."""
    if len(matrix) == 0:
        return math.inf
    radius = np.max(matrix, axis=1).min()
    rounded = np.float32(radius)
    return float(rounded if rounded >= radius else np.nextafter(rounded, np.float32(np.inf)))


def padded(diagrams, max_dimension):
    """As many diagrams as asked for: some programs stop at the last dimension that can have a bar."""
    diagrams = [np.asarray(bars, np.float64).reshape(-1, 2) for bars in diagrams][: max_dimension + 1]
    return diagrams + [np.empty((0, 2))] * (max_dimension + 1 - len(diagrams))
