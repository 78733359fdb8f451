"""What is measured, as data. A workload is a published file (only with --data) or a formula with a fixed seed."""

from collections.abc import Callable
from dataclasses import dataclass

import inputs
import numpy as np


@dataclass(frozen=True)
class Workload:
    name: str
    max_dimension: int
    threshold: float | None = None
    formula: Callable[[], np.ndarray] | None = None  # points (n, d), or a flat float32 lower triangle
    group: str = "table"
    goal: float = 4  # how many times faster than a best peer that takes over 0.3 s
    fields: tuple = (2,)  # ours is measured over each of these
    calls: int = 1  # so many calls in the same process, for a percentile
    peers: tuple | None = None  # only these, where the others are known to be hopeless and slow
    limit: float | None = None  # CPU seconds, instead of the run's

    def load(self, folder):
        """(source, kind, values), kind "points" (float64) or "lower" (float32); None when there is neither file nor formula."""
        file = inputs.read_file(folder, self.name) if folder else None
        if file is not None:
            return "file", *file
        if self.formula is None:
            return None
        values = self.formula()
        return "formula", ("points" if values.ndim == 2 else "lower"), values


def symmetric(count, seed):
    return inputs.lower_triangle(inputs.random_symmetric(count, seed)).astype(np.float32)


def of_distances(points):
    return inputs.lower_triangle(inputs.pairwise(points)).astype(np.float32)


def network(levels, seed):
    return inputs.lower_triangle(inputs.fractal_network(levels, seed)).astype(np.float32)


# The inputs that the engine's goals are set on. Where a file is published, the formula is an equal in kind.
TABLE = [
    Workload("sphere_3_192", 2, None, lambda: of_distances(inputs.sphere(192, 3, 1)), fields=(2, 3)),
    Workload("o3_1024", 3, 1.8, lambda: inputs.orthogonal_matrices(1024, 3, 2), goal=2.5, fields=(2, 3)),
    Workload("o3_2048", 3, 1.6, lambda: inputs.orthogonal_matrices(2048, 3, 7), goal=2.5),
    Workload("o3_4096", 3, 1.4, lambda: inputs.orthogonal_matrices(4096, 3, 8), goal=2.5),
    Workload("random16", 7, None, lambda: inputs.uniform_points(50, 16, 14), fields=(2, 3)),
    Workload("fractal_r", 2, None, lambda: network(4, 5), fields=(2, 3)),
    Workload("klein400", 2, None, lambda: inputs.klein_bottle(20), fields=(2, 3)),
    Workload("celegans", 2, fields=(2, 3)),
    Workload("dragon2000", 1, None, lambda: inputs.sphere(2000, 3, 15), fields=(2, 3)),
    Workload("uniform_r3_2000", 1, None, lambda: inputs.uniform_points(2000, 3, 4), fields=(2, 3)),
    Workload("uniform_r2_20000", 1, 0.05, lambda: inputs.uniform_points(20000, 2, 6), fields=(2, 3)),
    Workload("rp2_600", 2, None, lambda: of_distances(inputs.projective_plane(600, 16)), fields=(2, 3)),
    Workload("sphere_s2_500", 2, None, lambda: inputs.sphere(500, 3, 9), fields=(2, 3)),
    Workload("clifford_torus_50000", 2, 0.15, lambda: inputs.clifford_torus(50000, 10), goal=2.5),
    Workload(
        "random_symmetric_150",
        3,
        None,
        lambda: symmetric(150, 11),
        goal=1.5,
        peers=("ripser", "gudhi", "redzed"),
        limit=150,
    ),
]

# Large clouds: points per second. A local threshold leaves a point some 20 (R²) or 30 (R³) neighbours.
SCALE = [
    Workload("uniform_r3_1000000_dimension_0", 0, None, lambda: inputs.uniform_points(1_000_000, 3, 21), "scale"),
    Workload("uniform_r2_100000_local", 1, 0.008, lambda: inputs.uniform_points(100_000, 2, 22), "scale"),
    Workload("uniform_r3_100000_local", 1, 0.0415, lambda: inputs.uniform_points(100_000, 3, 23), "scale"),
    # The realistic call: its 95th percentile is held against the 5 s that a caller was promised.
    Workload("uniform_r3_10000_local", 1, 0.1, lambda: inputs.uniform_points(10_000, 3, 24), "scale", calls=20),
]

# Seconds altogether, to see that the harness works.
SMOKE = [
    Workload("smoke_sphere_60", 2, None, lambda: of_distances(inputs.sphere(60, 3, 12)), "smoke", fields=(2, 3)),
    Workload("smoke_points_200", 1, 0.4, lambda: inputs.uniform_points(200, 3, 13), "smoke", calls=5),
]

WORKLOADS = TABLE + SCALE + SMOKE
GROUPS = ("table", "scale", "smoke")


def select(groups, names):
    """By name, else by group."""
    known = {w.name: w for w in WORKLOADS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"No workload is called {', '.join(unknown)}; there are {', '.join(known)}.")
    return [known[name] for name in names] or [w for w in WORKLOADS if w.group in groups]
