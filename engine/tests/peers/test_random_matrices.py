"""Small random inputs, whose values are exact in float32: Ripser and GUDHI must give the very same bars."""

import gudhi
import numpy as np
import pytest
import ripser
import tda_ctypes
from scipy import sparse

FIELDS = (2, 3, 11)


def random_matrix(seed):
    """Metric or not, with ties or without, with duplicates; exact in float32."""
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 16))
    style = seed % 4
    if style == 0:
        upper = random.integers(1, 5, (size, size)).astype(float)
    elif style == 1:
        upper = random.random((size, size))
    else:
        x = random.random((size, 3))
        if style == 3:
            x = np.round(x * 3)
        upper = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
    upper = np.triu(upper.astype(np.float32), 1)
    return upper + upper.T


def sorted_bars(bars):
    """Zero-length bars left out: the engine never reports them, GUDHI and Ripser may."""
    bars = np.asarray(bars, np.float64).reshape(-1, 2)
    bars = bars[bars[:, 0] < bars[:, 1]]
    return bars[np.lexsort((bars[:, 1], bars[:, 0]))]


def assert_same(ours, theirs):
    assert len(ours) == len(theirs)
    for dimension, (mine, other) in enumerate(zip(ours, theirs)):
        np.testing.assert_array_equal(mine, sorted_bars(other), err_msg=f"dimension {dimension}")


def gudhi_diagrams(matrix, max_dimension, threshold, field):
    edge_limit = np.inf if threshold is None else threshold
    tree = gudhi.RipsComplex(distance_matrix=matrix.astype(float), max_edge_length=edge_limit).create_simplex_tree(
        max_dimension=max_dimension + 1
    )
    tree.compute_persistence(homology_coeff_field=field, min_persistence=0, persistence_dim_max=True)
    return [tree.persistence_intervals_in_dimension(k) for k in range(max_dimension + 1)]


def ripser_diagrams(matrix, max_dimension, threshold, field):
    limit = np.inf if threshold is None else threshold
    return ripser.ripser(matrix, distance_matrix=True, maxdim=max_dimension, thresh=limit, coeff=field)["dgms"]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("seed", range(40))
def test_full_matrix(seed, field):
    matrix = random_matrix(seed)
    max_dimension = seed // 4 % 4
    threshold = None if seed % 3 else float(np.median(matrix))
    ours = tda_ctypes.vietoris_rips("full", matrix, max_dimension=max_dimension, threshold=threshold, field=field).diagrams
    assert_same(ours, ripser_diagrams(matrix, max_dimension, threshold, field))
    assert_same(ours, gudhi_diagrams(matrix, max_dimension, threshold, field))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("seed", range(20))
def test_sparse_matrix(seed, field):
    """Absent pairs are no edges; a finite threshold would be the same cut for all."""
    matrix = random_matrix(seed)
    rows, columns = np.tril_indices(len(matrix), -1)
    keep = np.random.default_rng(seed + 1000).random(len(rows)) < 0.6
    rows, columns = rows[keep], columns[keep]
    values = matrix[rows, columns] + np.float32(0.5)  # Ripser's sparse input takes a stored zero for no edge
    coo = sparse.coo_matrix((values, (columns, rows)), shape=matrix.shape)  # Ripser reads the upper triangle
    ours = tda_ctypes.vietoris_rips(
        "sparse", values, rows=len(matrix), indices=(rows, columns), max_dimension=2, field=field
    ).diagrams
    theirs = ripser.ripser(coo, distance_matrix=True, maxdim=2, coeff=field)["dgms"]
    assert_same(ours, theirs)


@pytest.mark.parametrize("seed", range(10))
def test_births_on_the_diagonal(seed):
    random = np.random.default_rng(seed)
    matrix = random_matrix(seed) + np.float32(1)
    np.fill_diagonal(matrix, random.random(len(matrix)).astype(np.float32))
    ours = tda_ctypes.vietoris_rips("full", matrix, max_dimension=2).diagrams
    assert_same(ours, ripser_diagrams(matrix, 2, None, 2))


@pytest.mark.parametrize("seed", range(10))
def test_float64_matrix_against_gudhi(seed):
    """Values that float32 does not hold: GUDHI's are doubles too."""
    random = np.random.default_rng(seed)
    upper = np.triu(random.random((14, 14)), 1)
    matrix = upper + upper.T
    for field in FIELDS:
        ours = tda_ctypes.vietoris_rips("full", matrix, max_dimension=2, field=field).diagrams
        assert_same(ours, gudhi_diagrams(matrix, 2, None, field))
