export interface NpyOptions {
  readonly descr?: string;
  readonly shape?: readonly number[];
  readonly version?: 1 | 2 | 3;
  readonly fortran?: boolean;
  /** Replaces the dictionary. */
  readonly header?: string;
}

/** An NPY file with these bytes of data. */
export function npyFile(data: Uint8Array, options: NpyOptions = {}): Buffer {
  const { descr = "<f8", version = 1, fortran = false } = options;
  const shape = options.shape ?? [data.length / 8];
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary =
    options.header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${tuple}, }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const padding = (64 - ((8 + lengthBytes + dictionary.length + 1) % 64)) % 64;
  const header = Buffer.from(`${dictionary}${" ".repeat(padding)}\n`, version === 3 ? "utf8" : "latin1");
  const length = Buffer.alloc(lengthBytes);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  const magic = Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from([version, 0])]);
  return Buffer.concat([magic, length, header, data]);
}

/** Rows of float64, little-endian, in C order. */
export function npyRows(rows: readonly (readonly number[])[]): Buffer {
  const data = Buffer.from(Float64Array.from(rows.flat()).buffer);
  return npyFile(data, { shape: [rows.length, rows[0]?.length ?? 0] });
}
