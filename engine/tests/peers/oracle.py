"""Persistence by definition: every simplex, one boundary matrix over Z/p, column by column. For a dozen points.

It shares nothing with the engine or a peer.
"""

from itertools import combinations

import numpy as np


def simplices(matrix, dimension):
    """(value, vertices) of the flag filtration up to a dimension, faces before cofaces. Absent edges are inf, births on the diagonal."""
    found = []
    for size in range(1, dimension + 2):
        for vertices in combinations(range(len(matrix)), size):
            value = max(matrix[i][j] for i in vertices for j in vertices)
            if value < np.inf:
                found.append((value, vertices))
    return sorted(found, key=lambda simplex: (simplex[0], len(simplex[1]), simplex[1]))


def diagrams(matrix, max_dimension, threshold, field):
    """Sorted bars of positive length, float64, by dimension."""
    order = [s for s in simplices(matrix, max_dimension + 1) if s[0] <= threshold]
    place = {vertices: k for k, (_, vertices) in enumerate(order)}
    owners, deaths, positive = {}, {}, []
    for k, (_, vertices) in enumerate(order):
        column = boundary(vertices, place, field)
        while column:
            pivot = max(column)
            if pivot not in owners:
                owners[pivot], deaths[pivot] = column, k
                break
            subtract(column, owners[pivot], pivot, field)
        else:
            positive.append(k)
    bars = [[] for _ in range(max_dimension + 1)]
    for k in positive:
        value, vertices = order[k]
        death = order[deaths[k]][0] if k in deaths else np.inf
        if len(vertices) <= max_dimension + 1 and value < death:
            bars[len(vertices) - 1].append((value, death))
    return [np.array(sorted(b), np.float64).reshape(-1, 2) for b in bars]


def boundary(vertices, place, field):
    """{index of a facet: coefficient}; empty for a vertex."""
    if len(vertices) == 1:
        return {}
    return {place[vertices[:i] + vertices[i + 1 :]]: (1 if i % 2 == 0 else field - 1) for i in range(len(vertices))}


def subtract(column, owner, pivot, field):
    factor = column[pivot] * pow(owner[pivot], -1, field) % field
    for row, coefficient in owner.items():
        rest = (column.get(row, 0) - factor * coefficient) % field
        if rest:
            column[row] = rest
        else:
            column.pop(row, None)
