"""Features against GUDHI and SciPy: distances, entropy, curves, landscapes, images, embeddings, samples, scores."""

import gudhi
import gudhi.hera
import gudhi.representations
import gudhi.subsampling
import numpy as np
import pytest
from gudhi.point_cloud.timedelay import TimeDelayEmbedding
from scipy import stats
from scipy.optimize import linear_sum_assignment
from tda_ctypes import vietoris_rips
from tda_features import NORMS, feature

SEEDS = range(12)


def diagrams_of(seed):
    """Of two clouds, by turns in dimension 0 and 1, essential bars included; or of random bars with ties."""
    random = np.random.default_rng(seed)
    if seed % 3 == 2:
        bars = random.integers(0, 16, (2, 40, 2)) / 8.0
        bars.sort(axis=-1)
        return [d[d[:, 0] < d[:, 1]] for d in bars]
    clouds = random.random((2, 60, 3))
    return [vietoris_rips("points", cloud, max_dimension=1).diagrams[seed % 3] for cloud in clouds]


def finite(diagram):
    return diagram[np.isfinite(diagram[:, 1])]


@pytest.mark.parametrize("seed", SEEDS)
def test_bottleneck_distance(seed):
    first, second = diagrams_of(seed)
    ours = feature("bottleneck_distance", first, second)[0]
    assert ours == pytest.approx(gudhi.bottleneck_distance(first, second, 0), rel=1e-12)
    assert ours == pytest.approx(gudhi.hera.bottleneck_distance(first, second, delta=0), rel=1e-12)


@pytest.mark.parametrize("order", [1, 1.5, 2, 3])
@pytest.mark.parametrize("norm", [np.inf, 2, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_wasserstein_distance_of_hera(seed, norm, order):
    """Hera's is an approximation from above, within the relative error that it is given."""
    first, second = diagrams_of(seed)
    ours = feature("wasserstein_distance", first, second, order=order, norm=NORMS[norm])[0]
    theirs = gudhi.hera.wasserstein_distance(first, second, order=order, internal_p=norm, delta=1e-4)
    assert theirs * (1 - 1e-4) - 1e-12 <= ours <= theirs * (1 + 1e-10)


def to_diagonal(diagram, norm):
    return np.linalg.norm(diagram - diagram.mean(axis=1, keepdims=True), ord=norm, axis=1)


@pytest.mark.parametrize("order", [1, 2, 2.5])
@pytest.mark.parametrize("norm", [np.inf, 2, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_wasserstein_distance_of_an_assignment(seed, norm, order):
    first, second = (finite(diagram) for diagram in diagrams_of(seed))
    n, m = len(first), len(second)
    cost = np.zeros((n + m, n + m))
    cost[:n, :m] = np.linalg.norm(first[:, None] - second[None], ord=norm, axis=2)
    cost[:n, m:] = to_diagonal(first, norm)[:, None]
    cost[n:, :m] = to_diagonal(second, norm)[None]
    cost **= order
    expected = cost[linear_sum_assignment(cost)].sum() ** (1 / order)
    assert feature("wasserstein_distance", first, second, order=order, norm=NORMS[norm])[0] == pytest.approx(expected, rel=1e-12)


def test_other_numbers_of_essential_bars():
    for kind in ("bottleneck_distance", "wasserstein_distance"):
        assert feature(kind, [[0, np.inf]], [[0, 1]])[0] == np.inf


@pytest.mark.parametrize("seed", SEEDS)
def test_entropy(seed):
    diagram = finite(diagrams_of(seed)[0])
    theirs = gudhi.representations.Entropy(mode="scalar").fit_transform([diagram])[0, 0]
    assert feature("persistence_entropy", diagram)[0] == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_betti_curve(seed):
    diagram = diagrams_of(seed)[0]
    grid = np.linspace(0, 2, 57)
    theirs = gudhi.representations.BettiCurve(predefined_grid=grid).fit_transform([diagram])[0]
    np.testing.assert_array_equal(feature("betti_curve", diagram, grid_start=0, grid_end=2, grid_points=57), theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_landscape(seed):
    """GUDHI's is the square root of 2 times Bubenik's."""
    diagram = finite(diagrams_of(seed)[0])
    peer = gudhi.representations.Landscape(num_landscapes=4, resolution=50, sample_range=[0, 2], keep_endpoints=True)
    theirs = peer.fit_transform([diagram])[0] / np.sqrt(2)
    ours = feature("persistence_landscape", diagram, grid_start=0, grid_end=2, grid_points=50, levels=4)
    np.testing.assert_allclose(ours, theirs, atol=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_image(seed):
    diagram = finite(diagrams_of(seed)[0])
    births, lengths = diagram[:, 0], diagram[:, 1] - diagram[:, 0]
    x, y = np.linspace(0, 1, 11), np.linspace(0, 2, 9)
    bells = stats.norm.pdf(x[None, None], births[:, None, None], 0.2) * stats.norm.pdf(y[None, :, None], lengths[:, None, None], 0.2)
    expected = (lengths[:, None, None] ** 1.5 * bells).sum(axis=0)
    ours = feature(
        "persistence_image",
        diagram,
        grid_end=1,
        grid_points=11,
        persistence_end=2,
        persistence_points=9,
        order=1.5,
        bandwidth=0.2,
    )
    np.testing.assert_allclose(ours.reshape(9, 11), expected, rtol=1e-10, atol=1e-300)


@pytest.mark.parametrize("dimension, delay, skip", [(3, 1, 1), (3, 3, 1), (3, 1, 3), (2, 5, 2), (10, 1, 1)])
def test_takens_embedding(dimension, delay, skip):
    series = np.arange(1.0, 11)
    peer = TimeDelayEmbedding(dim=dimension, delay=delay, skip=skip)
    parameters = {"dimension": dimension, "delay": delay, "skip": skip}
    np.testing.assert_array_equal(feature("takens_embedding", series, columns=1, **parameters).reshape(-1, dimension), peer(series))


@pytest.mark.parametrize("seed", SEEDS)
def test_farthest_points(seed):
    random = np.random.default_rng(seed)
    points = random.random((200, 1 + seed % 4)) if seed % 2 else random.integers(0, 1000, (200, 3)).astype(float)
    theirs = gudhi.subsampling.choose_n_farthest_points(points=points, nb_points=20, starting_point=0)
    cover_radius, *rows = feature("farthest_points", points, columns=points.shape[1], points=20)
    np.testing.assert_array_equal(points[np.array(rows, int)], np.array(sorted(theirs, key=lambda p: np.flatnonzero((points == p).all(axis=1))[0])))
    distances = np.linalg.norm(points[:, None] - points[np.array(rows, int)][None], axis=2)
    assert cover_radius == pytest.approx(distances.min(axis=1).max(), rel=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_robust_z_score(seed):
    history = np.random.default_rng(seed).normal(size=5 + seed)
    expected = (2.5 - np.median(history)) / stats.median_abs_deviation(history, scale="normal")
    assert feature("robust_z_score", history, [2.5])[0] == pytest.approx(expected, rel=1e-9)
