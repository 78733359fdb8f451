"""Inputs in the manner of the field's benchmarks, by formula with fixed seeds, and its files where a folder has them."""

from pathlib import Path

import numpy as np


def uniform_points(count, dimension, seed):
    return np.random.default_rng(seed).random((count, dimension))


def no_points(dimension):
    return np.empty((0, dimension))


def line(count):
    """Points at 0, 1, 2, …"""
    return np.arange(count, dtype=np.float64).reshape(-1, 1)


def circle_among_isolated_points(count):
    """24 points on the unit circle, all others 100 apart and further."""
    angles = np.arange(24) * (2 * np.pi / 24)
    k = np.arange(1, count - 23)
    isolated = 100.0 * np.column_stack([k // 1000 + 1, k % 1000 + 1])
    return np.concatenate([np.column_stack([np.cos(angles), np.sin(angles)]), isolated])


def sphere(count, dimension, seed):
    """Uniform on the unit sphere of R^dimension."""
    x = np.random.default_rng(seed).standard_normal((count, dimension))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def projective_plane(count, seed):
    """The sphere with opposite points glued, as its projection matrices in R^9."""
    x = sphere(count, 3, seed)
    return (x[:, :, None] * x[:, None, :]).reshape(count, 9)


def clifford_torus(count, seed):
    """Two unit circles in R^4."""
    u, v = np.random.default_rng(seed).random((2, count)) * 2 * np.pi
    return np.column_stack([np.cos(u), np.sin(u), np.cos(v), np.sin(v)])


def orthogonal_matrices(count, size, seed):
    """Haar-distributed O(size), as points of R^(size²): QR of Gaussian matrices with the signs of R's diagonal undone."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((count, size, size)))
    return (q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]).reshape(count, size * size)


def klein_bottle(side):
    """A side × side grid on the Klein bottle in R^4: many equal distances."""
    u, v = np.meshgrid(np.arange(side) * 2 * np.pi / side, np.arange(side) * 2 * np.pi / side)
    ring = 2 + np.cos(v)
    points = [ring * np.cos(u), ring * np.sin(u), np.sin(v) * np.cos(u / 2), np.sin(v) * np.sin(u / 2)]
    return np.column_stack([x.ravel() for x in points])


def fractal_network(levels, seed):
    """Shortest paths in a self-similar network of 4^levels nodes: four copies, joined in a ring, at each level."""
    random = np.random.default_rng(seed)
    size = 4**levels
    distance = np.full((size, size), np.inf)
    np.fill_diagonal(distance, 0)
    for level in range(levels):
        block = 4**level
        for start in range(0, size, 4 * block):
            for corner in range(4):
                a = start + corner * block + (block // 4 if level else 0)
                b = start + (corner + 1) % 4 * block + (block // 2 if level else 0)
                distance[a, b] = distance[b, a] = random.random() * (level + 1)
    for k in range(size):
        np.minimum(distance, distance[:, k : k + 1] + distance[k : k + 1, :], out=distance)
    return distance


def random_symmetric(count, seed):
    """Independent uniform entries, zero diagonal: no triangle inequality."""
    upper = np.triu(np.random.default_rng(seed).random((count, count)), 1)
    return upper + upper.T


def pairwise(points):
    """Euclidean distances in float64, exactly symmetric."""
    total = np.zeros((len(points), len(points)))
    for x in points.T:
        total += (x[:, None] - x[None, :]) ** 2
    return np.sqrt(total)


def lower_triangle(matrix):
    return matrix[np.tril_indices(len(matrix), -1)]


def read_file(folder, name):
    """(kind, values) of NAME.npy (points) or NAME.ldm.bin (float32 lower distance matrix, rows 1 … n-1), or None."""
    points = Path(folder, f"{name}.npy")
    if points.exists():
        return "points", np.load(points)
    matrix = Path(folder, f"{name}.ldm.bin")
    if matrix.exists():
        return "lower", np.fromfile(matrix, dtype="<f4")
    return None


def lower_triangle_size(lower):
    """Number of points of a flat lower triangle."""
    return int((1 + np.sqrt(1 + 8 * len(lower))) / 2)


def square(lower):
    """The square matrix of a flat lower triangle."""
    size = lower_triangle_size(lower)
    matrix = np.zeros((size, size), lower.dtype)
    matrix[np.tril_indices(size, -1)] = lower
    return matrix + matrix.T
