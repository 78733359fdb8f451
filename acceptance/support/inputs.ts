/** Inputs made here, each from a seed, so that every failure can be repeated. */
export type Rows = readonly (readonly number[])[];

/** Mulberry32: a small public-domain generator, uniform in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomPoints(count: number, dimension: number, seed: number): number[][] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => Array.from({ length: dimension }, random));
}

/** The lower triangle of a matrix of independent distances: no geometry helps, so this is the hardest input of its size. */
function randomDistances(count: number, seed: number): number[][] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, row) => Array.from({ length: row }, random));
}

interface Work {
  readonly distances: number[][];
  readonly max_dimension: number;
  /** Over Z/2 the engine has a quick way. */
  readonly coefficient_field: number;
}

/** More than a minute of work for any engine of today: it ends because it is cancelled. */
export function endlessWork(seed: number): Work {
  return { distances: randomDistances(300, seed), max_dimension: 3, coefficient_field: 3 };
}

/** A few seconds of work. */
export function longWork(seed: number): Work {
  return { distances: randomDistances(110, seed), max_dimension: 3, coefficient_field: 3 };
}

/** Small whole coordinates: many ties and duplicates, and distances without rounding. */
export function gridPoints(count: number, dimension: number, side: number, seed: number): number[][] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => Array.from({ length: dimension }, () => Math.floor(random() * side)));
}

export function circle(count: number, radius = 1): number[][] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / count;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** A symmetric matrix from its strict lower triangle (row i has i entries), zeros on the diagonal. */
export function fullMatrix<T>(lower: readonly (readonly T[])[], diagonal: T): T[][] {
  const size = lower.length;
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) =>
      row === column ? diagonal : lower[Math.max(row, column)]![Math.min(row, column)]!,
    ),
  );
}

/** The real projective plane as a metric on 13 points, strict lower triangle from row 1 (Ripserer's test of it). */
export const projectivePlane: number[][] = [
  "",
  "1",
  "12",
  "122",
  "1222",
  "11212",
  "121212",
  "1122122",
  "12112222",
  "211221111",
  "2222211221",
  "22222221112",
  "222111111211",
].map((row) => [...row].map(Number));

export const unitSquare: Rows = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

export function toCsv(rows: readonly (readonly (number | string)[])[], lineEnd = "\n"): string {
  return rows.map((row) => row.join(",") + lineEnd).join("");
}

type NumpyType = "<f4" | "<f8" | ">f4" | ">f8" | "<i4" | "<i8" | "|u1" | "|b1" | "|O" | "<c16" | "<U4";

export interface NpyOptions {
  readonly type?: NumpyType;
  readonly shape?: readonly number[];
  readonly fortran?: boolean;
  readonly version?: 1 | 2 | 3;
  /** Replaces the header's text, for files that lie. */
  readonly header?: string;
}

/** An NPY file, written from the format's description (NEP 1). */
export function toNpy(rows: Rows, options: NpyOptions = {}): Uint8Array {
  const { type = "<f8", fortran = false, version = 1 } = options;
  const shape = options.shape ?? [rows.length, rows[0]?.length ?? 0];
  const dictionary =
    options.header ??
    `{'descr': '${type}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const lead = version === 1 ? 10 : 12;
  const padding = 64 - ((lead + dictionary.length + 1) % 64);
  const header = Buffer.from(`${dictionary}${" ".repeat(padding % 64)}\n`, "latin1");
  const start = Buffer.alloc(lead);
  start.write("\x93NUMPY", "latin1");
  start[6] = version;
  if (version === 1) start.writeUInt16LE(header.length, 8);
  else start.writeUInt32LE(header.length, 8);
  const ordered = fortran ? (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]!)) : rows;
  return Buffer.concat([start, header, encode(ordered.flat(), type)]);
}

function encode(values: readonly number[], type: NumpyType): Uint8Array {
  const size = Number(/\d+$/.exec(type)?.[0] ?? 8);
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, index) => {
    const at = index * size;
    if (type === "<f4") bytes.writeFloatLE(value, at);
    else if (type === "<f8") bytes.writeDoubleLE(value, at);
    else if (type === ">f4") bytes.writeFloatBE(value, at);
    else if (type === ">f8") bytes.writeDoubleBE(value, at);
    else if (type === "<i4") bytes.writeInt32LE(value, at);
    else if (type === "<i8") bytes.writeBigInt64LE(BigInt(value), at);
    else if (type === "|u1" || type === "|b1") bytes.writeUInt8(value, at);
  });
  return bytes;
}
