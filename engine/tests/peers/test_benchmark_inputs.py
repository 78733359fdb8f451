"""Inputs in the manner of the field's benchmarks against Ripser and GUDHI.

By formula always; the published files too where TDA_BENCH_DATA names their folder.
"""

import os
from dataclasses import dataclass

import inputs
import numpy as np
import pytest
import ripser
import tda_ctypes
from agreement import disagreement
from gudhi.sklearn import RipsPersistence

FIELDS = (2, 3, 11)


@dataclass
class Example:
    name: str
    kind: str  # points or lower
    values: np.ndarray
    max_dimension: int
    threshold: float | None = None


def by_formula():
    return [
        Example("sphere", "points", inputs.sphere(150, 3, 1), 2),
        Example("clifford-torus", "points", inputs.clifford_torus(350, 2), 2, 0.7),
        Example("orthogonal-matrices", "points", inputs.orthogonal_matrices(160, 3, 3), 2, 1.6),
        Example("klein-bottle", "points", inputs.klein_bottle(14), 2),
        Example("uniform-r16", "points", inputs.uniform_points(50, 16, 4), 3, 1.6),
        Example("fractal-network", "lower", inputs.lower_triangle(inputs.fractal_network(4, 5)).astype(np.float32), 2),
        Example("random-symmetric", "lower", inputs.lower_triangle(inputs.random_symmetric(38, 6)).astype(np.float32), 3),
        Example("uniform-r3", "points", inputs.uniform_points(700, 3, 7), 1),
    ]


FILES = [
    ("sphere_3_192", 2, None),
    ("o3_1024", 2, 1.6),
    ("random16", 3, None),
    ("klein400", 2, None),
    ("celegans", 2, None),
    ("fractal_r", 2, None),
    ("dragon2000", 1, None),
    ("rp2_600", 1, None),
]


def from_files():
    folder = os.environ.get("TDA_BENCH_DATA")
    if not folder:
        return []
    found = [(name, inputs.read_file(folder, name), dimension, threshold) for name, dimension, threshold in FILES]
    missing = [name for name, file, _, _ in found if file is None]
    assert not missing, f"TDA_BENCH_DATA={folder} lacks {missing}"
    return [Example(name, *file, dimension, threshold) for name, file, dimension, threshold in found]


EXAMPLES = by_formula() + from_files()


def engine_diagrams(example, field):
    rows = inputs.lower_triangle_size(example.values) if example.kind == "lower" else None
    return tda_ctypes.vietoris_rips(
        example.kind,
        example.values,
        rows=rows,
        max_dimension=example.max_dimension,
        threshold=example.threshold,
        field=field,
    ).diagrams


def distance_matrix(example):
    return inputs.square(example.values) if example.kind == "lower" else inputs.pairwise(example.values)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_against_ripser(example, field):
    limit = np.inf if example.threshold is None else example.threshold
    theirs = ripser.ripser(
        distance_matrix(example), distance_matrix=True, maxdim=example.max_dimension, thresh=limit, coeff=field
    )["dgms"]
    assert disagreement(engine_diagrams(example, field), theirs) is None


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_against_gudhi(example, field):
    limit = np.inf if example.threshold is None else example.threshold
    dimensions = list(range(example.max_dimension + 1))
    persistence = RipsPersistence(
        dimensions, threshold=limit, input_type="full distance matrix", homology_coeff_field=field
    )
    theirs = persistence.fit_transform([distance_matrix(example).astype(np.float64)])[0]
    assert disagreement(engine_diagrams(example, field), theirs) is None


def test_that_the_comparison_can_fail():
    bars = [np.array([[0.0, 1.0], [0.5, np.inf]])]
    assert disagreement(bars, bars) is None
    assert disagreement(bars, [bars[0][:1]]) is not None
    assert disagreement(bars, [np.array([[0.0, 1.1], [0.5, np.inf]])]) is not None
    assert disagreement(bars, [np.array([[0.0, 1.0], [0.5, 2.0]])]) is not None
