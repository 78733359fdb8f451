"""Features (engine/include/tda/features.h) through ctypes, in their packed form."""

import ctypes

import numpy as np
from tda_ctypes import TdaError, _address, _Error, _library

KINDS = {
    "bottleneck_distance": 0,
    "wasserstein_distance": 1,
    "total_persistence": 2,
    "persistence_entropy": 3,
    "betti_curve": 4,
    "persistence_landscape": 5,
    "persistence_image": 6,
    "takens_embedding": 7,
    "farthest_points": 8,
    "robust_z_score": 9,
}
NORMS = {np.inf: 0, 2: 1, 1: 2}
# In the order of tda_compute_packed_features, after the kind and the rows of both arrays.
DEFAULTS = {
    "columns": 0,
    "essential_death": np.nan,
    "order": 1,
    "norm": 0,
    "metric": 0,
    "minkowski_p": 2,
    "dimension": 1,
    "delay": 1,
    "skip": 1,
    "grid_start": 0,
    "grid_end": 0,
    "grid_points": 1,
    "levels": 1,
    "persistence_start": 0,
    "persistence_end": 0,
    "persistence_points": 1,
    "bandwidth": 1,
    "points": 1,
}


class _Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("simd_target", ctypes.c_uint32), ("memory_limit_bytes", ctypes.c_uint64)]


class _View(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("simd_target", ctypes.c_uint32),
        ("count", ctypes.c_uint64),
        ("offsets", ctypes.POINTER(ctypes.c_uint64)),
        ("values", ctypes.POINTER(ctypes.c_double)),
        ("peak_bytes", ctypes.c_uint64),
        ("seconds", ctypes.c_double),
    ]


_library.tda_compute_packed_features.argtypes = [ctypes.c_void_p, ctypes.c_uint64] + [ctypes.c_void_p] * 4
for _name in ("tda_feature_result_view", "tda_feature_result_free"):
    getattr(_library, _name).argtypes = [ctypes.c_void_p]
_library.tda_feature_result_view.argtypes += [ctypes.c_void_p]


def feature(kind, first, second=(), **parameters):
    """The values of one feature. Arrays are of shape (rows, columns), or (rows,) for single numbers. Raises TdaError."""
    unknown = parameters.keys() - DEFAULTS.keys()
    if unknown:
        raise TypeError(f"unknown parameters {unknown}")
    arrays = [np.asarray(array, np.float64) for array in (first, second)]
    head = [KINDS[kind], *(len(array) for array in arrays), *(DEFAULTS | parameters).values(), 0, 0, 0]
    packed = np.concatenate([np.array(head, np.float64), *(array.ravel() for array in arrays)])

    options = _Options(ctypes.sizeof(_Options), 0, 0)
    error = _Error()
    error.struct_size = ctypes.sizeof(_Error)
    result = ctypes.c_void_p()
    status = _library.tda_compute_packed_features(
        _address(packed), packed.size, ctypes.byref(options), None, ctypes.byref(result), ctypes.byref(error)
    )
    if status != 0:
        raise TdaError(_library.tda_status_name(status).decode(), error.message.decode())
    try:
        view = _View()
        view.struct_size = ctypes.sizeof(_View)
        _library.tda_feature_result_view(result, ctypes.byref(view))
        count = view.offsets[view.count]
        return np.ctypeslib.as_array(view.values, shape=(count,)).copy() if count else np.empty(0)
    finally:
        _library.tda_feature_result_free(result)
