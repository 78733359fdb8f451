"""What is measured, as data. A workload is a published file (only with --data) or a formula with a fixed seed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import inputs
import numpy as np


@dataclass(frozen=True)
class Workload:
    name: str
    max_dimension: int
    threshold: float | None = None
    formula: Callable[[], np.ndarray] | None = None  # points (n, d), or a flat float32 lower triangle
    groups: frozenset = field(default_factory=frozenset)

    def load(self, folder):
        """(source, kind, values), kind "points" (float64) or "lower" (float32); None when there is neither file nor formula."""
        file = inputs.read_file(folder, self.name) if folder else None
        if file is not None:
            return "file", *file
        if self.formula is None:
            return None
        values = self.formula()
        return "formula", ("points" if values.ndim == 2 else "lower"), values


def workload(name, max_dimension, threshold=None, formula=None, groups=()):
    return Workload(name, max_dimension, threshold, formula, frozenset(groups))


def symmetric(count, seed):
    return inputs.lower_triangle(inputs.random_symmetric(count, seed)).astype(np.float32)


def of_distances(points):
    return inputs.lower_triangle(inputs.pairwise(points)).astype(np.float32)


WORKLOADS = [
    # The three inputs that the engine promises a factor on. The first two have a published file and an equal in kind.
    workload("sphere_3_192", 2, None, lambda: of_distances(inputs.sphere(192, 3, 1)), ["promise"]),
    workload("o3_1024", 2, 1.8, lambda: inputs.orthogonal_matrices(1024, 3, 2), ["promise"]),
    workload("uniform_r3_1000", 1, None, lambda: inputs.uniform_points(1000, 3, 3), ["promise"]),
    # Published files only.
    workload("random16", 7),
    workload("fractal_r", 2),
    workload("klein400", 2),
    workload("celegans", 2),
    workload("dragon2000", 1),
    workload("rp2_600", 2, groups=["slow"]),
    # By formula.
    workload("uniform_r3_2000", 1, None, lambda: inputs.uniform_points(2000, 3, 4)),
    workload("fractal_network_256", 2, None, lambda: inputs.lower_triangle(inputs.fractal_network(4, 5)).astype(np.float32)),
    workload("klein_bottle_grid_400", 2, None, lambda: inputs.klein_bottle(20)),
    workload("uniform_r2_20000", 1, 0.05, lambda: inputs.uniform_points(20000, 2, 6)),
    workload("o3_1024_dimension_3", 3, 1.8, lambda: inputs.orthogonal_matrices(1024, 3, 2), ["slow"]),
    workload("o3_2048_dimension_3", 3, 1.6, lambda: inputs.orthogonal_matrices(2048, 3, 7), ["slow"]),
    workload("o3_4096_dimension_3", 3, 1.4, lambda: inputs.orthogonal_matrices(4096, 3, 8), ["slow"]),
    workload("sphere_500", 2, None, lambda: inputs.sphere(500, 3, 9), ["slow"]),
    workload("clifford_torus_50000", 2, 0.15, lambda: inputs.clifford_torus(50000, 10), ["slow"]),
    workload("random_symmetric_150_dimension_3", 3, None, lambda: symmetric(150, 11), ["slow"]),
    # A second's worth, to see that the harness works.
    workload("smoke_sphere_60", 2, None, lambda: of_distances(inputs.sphere(60, 3, 12)), ["smoke"]),
    workload("smoke_points_200", 1, 0.4, lambda: inputs.uniform_points(200, 3, 13), ["smoke"]),
]


def select(group, names):
    """By name; else a group; "default" = all but the slow ones and the smoke test, "all" = all but the smoke test."""
    if names:
        known = {w.name: w for w in WORKLOADS}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise SystemExit(f"No workload is called {', '.join(unknown)}; there are {', '.join(known)}.")
        return [known[name] for name in names]
    if group == "all":
        return [w for w in WORKLOADS if "smoke" not in w.groups]
    if group == "default":
        return [w for w in WORKLOADS if not w.groups & {"slow", "smoke"}]
    return [w for w in WORKLOADS if group in w.groups]
