"""The engine's C ABI (engine/include/tda/tda.h) through ctypes: a mirror of its structures and one function.

For tests and benchmarks; TDA_LIBRARY names the shared library, else the standard build's is used.
"""

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

KINDS = {"points": 0, "full": 1, "lower": 2, "lower_diag": 3, "sparse": 4}
COLLAPSE = {"auto": 0, "on": 1, "off": 2}
APPROXIMATIONS = {"sparse-rips": 1, "subsample": 2}
METRICS = {"euclidean": 0, "manhattan": 1, "chebyshev": 2, "cosine": 3, "minkowski": 4}


# The *_init functions set struct_size to tda.h's own: fields that were added at the end and are not mirrored here keep their
# defaults, in this room.
_ROOM = ("room", ctypes.c_uint8 * 256)


class _Input(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("scalar", ctypes.c_uint32),
        ("metric", ctypes.c_uint32),
        ("minkowski_p", ctypes.c_double),
        ("rows", ctypes.c_uint64),
        ("columns", ctypes.c_uint64),
        ("values", ctypes.c_void_p),
        ("entry_count", ctypes.c_uint64),
        ("row_indices", ctypes.c_void_p),
        ("column_indices", ctypes.c_void_p),
        _ROOM,
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("max_dimension", ctypes.c_uint32),
        ("threshold", ctypes.c_double),
        ("coefficient_field", ctypes.c_uint32),
        ("edge_collapse", ctypes.c_uint32),
        ("representatives", ctypes.c_uint32),
        ("threads", ctypes.c_uint32),
        ("memory_limit_bytes", ctypes.c_uint64),
        ("simd_target", ctypes.c_uint32),
        ("approximation", ctypes.c_uint32),
        ("epsilon", ctypes.c_double),
        ("subsample_points", ctypes.c_uint64),
        _ROOM,
    ]


class _Error(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("status", ctypes.c_uint32),
        ("row", ctypes.c_uint64),
        ("column", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("dimension", ctypes.c_uint32),
        ("message", ctypes.c_char * 240),
    ]


class Statistics(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("simd_target", ctypes.c_uint32),
        ("scalar", ctypes.c_uint32),
        ("truncated", ctypes.c_uint32),
        ("points", ctypes.c_uint64),
        ("edges", ctypes.c_uint64),
        ("simplices", ctypes.c_uint64),
        ("threshold", ctypes.c_double),
        ("enclosing_radius", ctypes.c_double),
        ("peak_bytes", ctypes.c_uint64),
        ("seconds", ctypes.c_double),
        ("approximation", ctypes.c_uint32),
        ("error_kind", ctypes.c_uint32),
        ("error_bound", ctypes.c_double),
        ("cover_radius", ctypes.c_double),
    ]


class TdaError(Exception):
    """A status other than TDA_OK; `name` is the one of tda.h."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name


@dataclass
class Result:
    diagrams: list  # by dimension, float64 arrays of shape (bars, 2)
    statistics: Statistics


def _library_path():
    named = os.environ.get("TDA_LIBRARY")
    return Path(named) if named else Path(__file__).resolve().parents[3] / "build" / "engine" / "lib" / "libtda.so"


def _load():
    library = ctypes.CDLL(str(_library_path()))
    library.tda_status_name.restype = ctypes.c_char_p
    library.tda_version.restype = ctypes.c_char_p
    library.tda_simd_target_name.restype = ctypes.c_char_p
    library.tda_result_diagram.restype = ctypes.POINTER(ctypes.c_double)
    library.tda_result_diagram_count.restype = ctypes.c_uint32
    for name in ("tda_result_diagram", "tda_result_diagram_count", "tda_result_statistics", "tda_result_free"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.tda_result_diagram.argtypes += [ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint64)]
    library.tda_result_statistics.argtypes += [ctypes.POINTER(Statistics)]
    return library


_library = _load()


def version():
    return _library.tda_version().decode()


def target_name(target):
    return _library.tda_simd_target_name(target).decode()


def _address(array):
    return None if array is None or array.size == 0 else array.ctypes.data


def vietoris_rips(
    kind,
    values,
    *,
    rows=None,
    indices=None,
    max_dimension=1,
    threshold=None,
    field=2,
    metric="euclidean",
    threads=1,
    edge_collapse="auto",
    memory_limit=0,
    approximation=None,
):
    """Diagrams of points (n, d), a square matrix, a flat lower triangle (with `rows`), or sparse values with `indices`.

    The arrays' type, float32 or float64, is the engine's. `approximation`: ("sparse-rips", epsilon) or ("subsample", points).
    Raises TdaError.
    """
    values = np.ascontiguousarray(values)
    if values.dtype not in (np.float32, np.float64):
        raise TypeError(f"float32 or float64, not {values.dtype}")
    row_indices, column_indices = (None, None) if indices is None else (np.ascontiguousarray(i, np.uint32) for i in indices)
    data = _Input()
    _library.tda_input_init(ctypes.byref(data))
    data.kind = KINDS[kind]
    data.scalar = 0 if values.dtype == np.float32 else 1
    data.metric = METRICS[metric]
    data.rows = len(values) if rows is None else rows
    data.columns = values.shape[1] if kind == "points" else 0
    data.values = _address(values)
    data.entry_count = values.size if kind == "sparse" else 0
    data.row_indices = _address(row_indices)
    data.column_indices = _address(column_indices)

    options = _Options()
    _library.tda_rips_options_init(ctypes.byref(options))
    options.max_dimension = max_dimension
    options.threshold = np.inf if threshold is None else threshold
    options.coefficient_field = field
    options.edge_collapse = COLLAPSE[edge_collapse]
    options.threads = threads
    options.memory_limit_bytes = memory_limit
    if approximation is not None:
        method, parameter = approximation
        options.approximation = APPROXIMATIONS[method]
        options.epsilon = parameter if method == "sparse-rips" else 0
        options.subsample_points = parameter if method == "subsample" else 0

    error = _Error()
    error.struct_size = ctypes.sizeof(_Error)
    result = ctypes.c_void_p()
    status = _library.tda_vietoris_rips(
        ctypes.byref(data), ctypes.byref(options), None, ctypes.byref(result), ctypes.byref(error)
    )
    if status != 0:
        raise TdaError(_library.tda_status_name(status).decode(), error.message.decode())
    try:
        return Result([_diagram(result, k) for k in range(_library.tda_result_diagram_count(result))], _statistics(result))
    finally:
        _library.tda_result_free(result)


def _diagram(result, dimension):
    count = ctypes.c_uint64()
    pairs = _library.tda_result_diagram(result, dimension, ctypes.byref(count))
    if count.value == 0:
        return np.empty((0, 2))
    return np.ctypeslib.as_array(pairs, shape=(count.value, 2)).copy()


def _statistics(result):
    statistics = Statistics()
    statistics.struct_size = ctypes.sizeof(Statistics)
    _library.tda_result_statistics(result, ctypes.byref(statistics))
    return statistics
