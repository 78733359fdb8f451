"""Importing this makes the modules of engine/tests/peers (the ctypes binding, the inputs, the comparison) importable."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "engine" / "tests" / "peers"))
