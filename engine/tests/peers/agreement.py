"""Whether two programs found the same bars, where one of them rounds distances to float32."""

import numpy as np


def disagreement(ours, theirs, relative=2e-6):
    """None, or a sentence. Bars shorter than the rounding may be missing on either side; all others must pair up."""
    if len(ours) != len(theirs):
        return f"{len(ours)} diagrams against {len(theirs)}"
    for dimension, (mine, other) in enumerate(zip(ours, theirs)):
        finite = np.concatenate([x[np.isfinite(x)] for x in (mine, other)])
        slack = relative * (finite.max() if finite.size else 1.0)
        a, b = _longest_first(mine), _longest_first(other)
        common = min(len(a), len(b))
        excess = np.concatenate([a[common:], b[common:]])
        if np.any(excess[:, 1] - excess[:, 0] > slack):
            return f"dimension {dimension}: {len(a)} bars against {len(b)}"
        significant = np.count_nonzero(a[:common, 1] - a[:common, 0] > 10 * slack)
        for column, name in enumerate(("births", "deaths")):
            x, y = np.sort(a[:significant, column]), np.sort(b[:significant, column])
            finite = np.isfinite(x)
            if not np.array_equal(finite, np.isfinite(y)) or np.any(np.abs(x[finite] - y[finite]) > slack):
                return f"dimension {dimension}: the {name} differ"
    return None


def _longest_first(bars):
    bars = np.asarray(bars, np.float64).reshape(-1, 2)
    return bars[np.argsort(bars[:, 0] - bars[:, 1], kind="stable")]
