"""Bodies of the media types that Schemathesis cannot make from a schema; loaded by it as its hooks."""

import struct

import schemathesis
from hypothesis import strategies as st

coordinates = st.floats(allow_nan=True, allow_infinity=True)
matrices = st.integers(0, 4).flatmap(
    lambda columns: st.lists(st.lists(coordinates, min_size=columns, max_size=columns), max_size=6)
)


def npy_file(rows):
    columns = len(rows[0]) if rows else 0
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({len(rows)}, {columns}), }}".encode()
    header = text + b" " * ((53 - len(text)) % 64) + b"\n"
    values = [value for row in rows for value in row]
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack(f"<{len(values)}d", *values)


def csv_file(rows):
    return "".join(",".join(map(repr, row)) + "\n" for row in rows)


schemathesis.openapi.media_type("application/x-npy", matrices.map(npy_file) | st.binary(max_size=200))
schemathesis.openapi.media_type("text/csv", matrices.map(csv_file) | st.text(max_size=80))

BYTES = (
    "application/octet-stream",
    "application/offset+octet-stream",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.parquet",
)
for media_type in BYTES:
    schemathesis.openapi.media_type(media_type, matrices.map(npy_file) | st.binary(max_size=200))
triangles = st.lists(st.floats(0, 10), max_size=6).map(lambda values: " ".join(map(repr, values)))
schemathesis.openapi.media_type("text/x-lower-distance", triangles | st.text(max_size=80))


schemathesis.openapi.media_type("application/x-ndjson", st.text(max_size=80))


@schemathesis.serializer("application/x-npy", "text/csv", "text/x-lower-distance", "application/x-ndjson", *BYTES)
def as_bytes(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
