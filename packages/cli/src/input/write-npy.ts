import { endianness } from "node:os";

const MAGIC = "\x93NUMPY\x01\x00";
const ALIGNMENT = 64;

/** A square matrix as an NPY file (format 1.0: numpy/lib/format.py describes it), which keeps its number type exactly. */
export function npyOfMatrix(values: Float32Array | Float64Array, rows: number): Buffer<ArrayBuffer> {
  const order = endianness() === "LE" ? "<" : ">";
  const type = `${order}f${values.BYTES_PER_ELEMENT}`;
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${rows}), }`;
  const unpadded = MAGIC.length + 2 + dictionary.length + 1;
  const header = `${dictionary}${" ".repeat((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    length,
    Buffer.from(header, "latin1"),
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  ]);
}
