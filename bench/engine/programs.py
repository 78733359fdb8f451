"""The programs side by side. Each prepares its input outside the measured time and answers diagrams by dimension."""

import numpy as np


class Program:
    """prepare() loads libraries and converts the input; compute() is what is measured."""

    def prepare(self, kind, values, max_dimension, threshold):
        raise NotImplementedError

    def compute(self):
        raise NotImplementedError


class Tda(Program):
    def prepare(self, kind, values, max_dimension, threshold):
        import inputs
        import tda_ctypes

        rows = len(values) if kind == "points" else inputs.lower_triangle_size(values)
        self.run = lambda: tda_ctypes.vietoris_rips(
            kind, values, rows=rows, max_dimension=max_dimension, threshold=threshold, threads=1
        ).diagrams

    def compute(self):
        return self.run()


class Ripser(Program):
    def prepare(self, kind, values, max_dimension, threshold):
        import ripser

        data = values if kind == "points" else square_of(values)
        limit = np.inf if threshold is None else threshold
        self.run = lambda: ripser.ripser(data, distance_matrix=kind == "lower", maxdim=max_dimension, thresh=limit)["dgms"]

    def compute(self):
        return self.run()


class Gudhi(Program):
    """gudhi.sklearn.RipsPersistence: edge collapse by its own choice, then its fork of Ripser."""

    def prepare(self, kind, values, max_dimension, threshold):
        from gudhi.sklearn import RipsPersistence

        persistence = RipsPersistence(
            list(range(max_dimension + 1)),
            threshold=np.inf if threshold is None else threshold,
            input_type="point cloud" if kind == "points" else "full distance matrix",
            homology_coeff_field=2,
            n_jobs=1,
        )
        data = [values if kind == "points" else square_of(values)]
        self.run = lambda: persistence.fit_transform(data)[0]

    def compute(self):
        return self.run()


class GiottoPh(Program):
    def prepare(self, kind, values, max_dimension, threshold):
        from gph import ripser_parallel

        data = values if kind == "points" else square_of(values)
        metric = "euclidean" if kind == "points" else "precomputed"
        limit = np.inf if threshold is None else threshold
        self.run = lambda: ripser_parallel(data, maxdim=max_dimension, thresh=limit, metric=metric, n_threads=1)["dgms"]

    def compute(self):
        return self.run()


class Holos(Program):
    """It takes lists: the conversion is outside the measured time."""

    def __init__(self, collapse):
        self.collapse = collapse

    def prepare(self, kind, values, max_dimension, threshold):
        import holos_tda

        self.max_dimension = max_dimension
        options = {"max_dim": max_dimension, "threshold": threshold, "threads": 1, "collapse_edges": self.collapse}
        if kind == "points":
            data = values.tolist()
            self.run = lambda: holos_tda.rips_points(data, **options)
        else:
            matrix = square_of(values)
            data = matrix[np.triu_indices(len(matrix), 1)].tolist()
            self.run = lambda: holos_tda.rips_condensed(data, **options)

    def compute(self):
        diagrams = [[] for _ in range(self.max_dimension + 1)]
        for dimension, birth, death in self.run():
            diagrams[dimension].append((birth, np.inf if death is None else death))
        return [np.array(bars, np.float64).reshape(-1, 2) for bars in diagrams]


def square_of(values):
    import inputs

    return inputs.square(values)


PROGRAMS = {
    "tda": Tda,
    "ripser": Ripser,
    "gudhi": Gudhi,
    "giotto-ph": GiottoPh,
    "holos": lambda: Holos(False),
    "holos, collapse": lambda: Holos(True),
}

PACKAGES = {"ripser": "ripser", "gudhi": "gudhi", "giotto-ph": "giotto-ph", "holos": "holos-tda", "holos, collapse": "holos-tda"}
