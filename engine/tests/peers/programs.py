"""The engine and its peers behind one question: each program answers it, or says that it cannot express it.

Importing this imports no peer: a program loads its own in `prepare`, which also converts the input to what the program takes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from questions import CannotExpress, enclosing_radius, graph_of, matrix_of, padded, refuse_all_distances


@dataclass(frozen=True)
class Program:
    """`prepare(question)` answers what is measured: a function without arguments that gives diagrams by dimension."""

    name: str
    package: str | None  # on PyPI; None is ours
    prepare: Callable
    has_threads: bool = False
    is_default: bool = True  # measured when no program is named


def tda(collapse="auto"):
    def prepare(question):
        import tda_ctypes

        options = {
            "rows": question.size,
            "indices": question.indices,
            "max_dimension": question.max_dimension,
            "threshold": question.threshold,
            "field": question.field,
            "metric": question.metric,
            "threads": question.threads,
            "edge_collapse": collapse,
            "memory_limit": question.memory_limit,
        }
        return lambda: tda_ctypes.vietoris_rips(question.kind, question.values, **options).diagrams

    return prepare


def ripser_like(load):
    """ripser.py and what copies its interface. Ripser the program stops at the enclosing radius by itself; its wrapper must be told."""

    def prepare(question):
        import sklearn.metrics.pairwise  # noqa: F401  loaded by the wrappers on their first call

        ripser = load()
        is_graph = question.asks_for_neighbours
        data = graph_of(question) if is_graph else matrix_of(question, births=True)

        def compute():
            given = data()
            limit = question.threshold if question.is_cut or is_graph else enclosing_radius(given)
            answer = ripser(given, distance_matrix=True, maxdim=question.max_dimension, thresh=limit, coeff=question.field)
            return padded(answer["dgms"], question.max_dimension)

        return compute

    return prepare


def _load_ripser():
    import ripser

    return ripser.ripser


def _load_canns_ripser():
    import canns_ripser

    return canns_ripser.ripser


def gudhi(collapses="auto"):
    """gudhi.sklearn.RipsPersistence: a fork of Ripser, after edge collapse by its own choice unless told otherwise."""

    def prepare(question):
        from gudhi.sklearn import RipsPersistence

        if question.has_births:
            raise CannotExpress("no births on the diagonal")
        if question.kind == "points" and question.metric == "euclidean":
            if not question.is_cut:
                refuse_all_distances(question)
            kind, data = "point cloud", question.values
        elif question.kind == "sparse":
            kind, data = "distance coo_matrix", graph_of(question)()
        else:
            kind, data = "full distance matrix", matrix_of(question)()
        persistence = RipsPersistence(
            list(range(question.max_dimension + 1)),
            threshold=question.threshold,
            input_type=kind,
            num_collapses=collapses,
            homology_coeff_field=question.field,
            n_jobs=1,
        )
        return lambda: padded(persistence.fit_transform([data])[0], question.max_dimension)

    return prepare


def gudhi_simplex_tree(question):
    """The whole complex in memory, after edge collapse."""
    import gudhi

    is_graph = question.asks_for_neighbours
    if question.has_births:
        raise CannotExpress("no births on the diagonal")
    data = graph_of(question) if is_graph else matrix_of(question)

    def compute():
        given = data()
        if is_graph:
            tree = gudhi.SimplexTree()
            tree.insert_batch(np.arange(question.size).reshape(1, -1), np.zeros(question.size))
            tree.insert_edges_from_coo_matrix(given)
            tree.prune_above_filtration(question.threshold)
        else:
            limit = min(question.threshold, enclosing_radius(given))
            tree = gudhi.RipsComplex(distance_matrix=given, max_edge_length=limit).create_simplex_tree(max_dimension=1)
        tree.collapse_edges()
        tree.expansion(question.max_dimension + 1)
        tree.compute_persistence(homology_coeff_field=question.field, persistence_dim_max=True)
        dimensions = range(question.max_dimension + 1)
        return padded([tree.persistence_intervals_in_dimension(k) for k in dimensions], question.max_dimension)

    return compute


def giotto_ph(collapse):
    def prepare(question):
        from gph import ripser_parallel

        if question.kind == "points":
            if not question.is_cut:
                refuse_all_distances(question)
            data, metric = question.values, question.metric
        else:
            data = graph_of(question)() if question.kind == "sparse" else matrix_of(question, births=True)()
            metric = "precomputed"
        options = {"maxdim": question.max_dimension, "thresh": question.threshold, "coeff": question.field, "metric": metric}
        options |= {"collapse_edges": collapse, "n_threads": question.threads}
        return lambda: padded(ripser_parallel(data, **options)["dgms"], question.max_dimension)

    return prepare


def holos(collapse):
    """It takes lists: the conversion is outside the measured time."""

    def prepare(question):
        import holos_tda

        if question.has_births:
            raise CannotExpress("no births on the diagonal")
        options = {"max_dim": question.max_dimension, "threshold": question.threshold if question.is_cut else None}
        options |= {"modulus": question.field, "threads": question.threads, "collapse_edges": collapse}
        if question.kind == "points" and question.metric == "euclidean":
            if not question.is_cut:
                refuse_all_distances(question)
            call, data = holos_tda.rips_points, (question.values.tolist(),)
        elif question.kind == "sparse":
            entries = zip(*(array.tolist() for array in (*question.indices, question.values)))
            call, data = holos_tda.rips_sparse, (question.size, list(entries))
        else:
            matrix = matrix_of(question)()
            call, data = holos_tda.rips_condensed, (matrix[np.triu_indices(len(matrix), 1)].tolist(),)

        def compute():
            diagrams = [[] for _ in range(question.max_dimension + 1)]
            for dimension, birth, death in call(*data, **options):
                diagrams[dimension].append((birth, np.inf if death is None else death))
            return padded(diagrams, question.max_dimension)

        return compute

    return prepare


def redzed(question):
    import redzed_tda

    if question.field != 2:
        raise CannotExpress("Z/2 only")
    matrix = matrix_of(question)
    return lambda: padded(redzed_tda.rips(matrix(), question.max_dimension, question.threshold), question.max_dimension)


def oineus(question):
    """The whole complex in memory; cohomology with clearing."""
    import oineus as oin

    if question.field != 2:
        raise CannotExpress("Z/2 only")
    matrix = matrix_of(question)
    options = {"from_pwdists": True, "max_dim": question.max_dimension + 1, "n_threads": question.threads}
    options["max_diameter"] = question.threshold if question.is_cut else -1.0

    def compute():
        complex_ = oin.vr_filtration(matrix(), **options)
        diagrams = oin.reduce(complex_, dualize=True, n_threads=question.threads, clearing_opt=True).diagram(complex_, True)
        # It has no diagram of a dimension in which there is no simplex.
        return padded([diagrams.in_dimension(k) for k in range(min(question.max_dimension + 1, len(diagrams)))], question.max_dimension)

    return compute


def dionysus(question):
    """The whole complex in memory."""
    import dionysus as d

    matrix = matrix_of(question)

    def compute():
        given = matrix()
        condensed = given[np.triu_indices(len(given), 1)]
        limit = min(question.threshold, enclosing_radius(given))
        complex_ = d.fill_rips(condensed, question.max_dimension + 1, limit)
        diagrams = d.init_diagrams(d.cohomology_persistence(complex_, question.field, False), complex_)
        return padded([[(bar.birth, bar.death) for bar in diagram] for diagram in diagrams], question.max_dimension)

    return compute


# In the order in which they take turns.
PROGRAMS = {
    program.name: program
    for program in [
        Program("tda", None, tda(), has_threads=True),
        Program("tda, no collapse", None, tda("off"), has_threads=True, is_default=False),
        Program("tda, collapse", None, tda("on"), has_threads=True, is_default=False),
        Program("gudhi", "gudhi", gudhi()),
        Program("redzed", "redzed-tda", redzed),
        Program("holos", "holos-tda", holos(False), has_threads=True),
        Program("holos, collapse", "holos-tda", holos(True), has_threads=True),
        Program("gudhi, no collapse", "gudhi", gudhi(0)),
        Program("giotto-ph", "giotto-ph", giotto_ph(False), has_threads=True),
        Program("giotto-ph, collapse", "giotto-ph", giotto_ph(True), has_threads=True, is_default=False),
        Program("ripser", "ripser", ripser_like(_load_ripser)),
        Program("oineus", "oineus", oineus, has_threads=True),
        Program("canns-ripser", "canns-ripser", ripser_like(_load_canns_ripser), is_default=False),
        Program("gudhi, simplex tree", "gudhi", gudhi_simplex_tree, is_default=False),
        Program("dionysus", "dionysus", dionysus, is_default=False),
    ]
}
