import { ProblemError, problemAt } from "../problem.ts";

/** What the header of an NPY file says. */
export interface NpyHeader {
  /** Kind and size of the elements, such as "f8" or "u2". */
  readonly element: string;
  readonly isBigEndian: boolean;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the data starts. */
  readonly dataOffset: number;
}

const MAGIC = Buffer.from("\x93NUMPY", "latin1");
const MAX_HEADER_LENGTH = 65_536;
const ELEMENTS = new Set(["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]);

/** Where the header of a file ends that begins with these bytes; null: more of them are needed to tell, or it is no NPY file. */
export function npyHeaderEnd(bytes: Buffer): number | null {
  if (bytes.length < 12) return null;
  const isShort = bytes[6] === 1;
  // What is no header, or too long a one, is refused by whoever reads it.
  const length = isShort ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const isHeader = bytes.subarray(0, 6).equals(MAGIC) && length <= MAX_HEADER_LENGTH;
  return isHeader ? 8 + (isShort ? 2 : 4) + length : bytes.length;
}

/**
 * Reads the header of an NPY file, format versions 1.0 to 3.0.
 * @throws ProblemError `invalid_npy`, or `not_supported` for elements that are no plain numbers.
 */
export function readNpyHeader(bytes: Buffer): NpyHeader {
  if (bytes.length < 10 || !bytes.subarray(0, 6).equals(MAGIC))
    throw invalid("It does not start with the magic string.");
  const major = bytes[6]!;
  if (major < 1 || major > 3 || bytes[7] !== 0) throw invalid(`Its format version is ${major}.${bytes[7]}.`);
  const lengthBytes = major === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthBytes) throw invalid("It ends within the header.");
  const headerLength = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const dataOffset = 8 + lengthBytes + headerLength;
  if (headerLength > MAX_HEADER_LENGTH) throw invalid("Its header is longer than 65536 bytes.");
  if (dataOffset > bytes.length) throw invalid("It ends within the header.");
  const text = bytes.toString(major === 3 ? "utf8" : "latin1", 8 + lengthBytes, dataOffset);
  return { ...readDictionary(text), dataOffset };
}

function invalid(detail: string): ProblemError {
  return new ProblemError("invalid_npy", `The body is not an NPY file. ${detail}`);
}

const ENTRY =
  /^\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"\\]{1,64})\3|(True|False)|\(([\d,\sL]*)\))\s*(,|$)/;

/** The header is the repr of a Python dictionary of exactly three entries; nothing else of Python is understood. */
function readDictionary(text: string): Omit<NpyHeader, "dataOffset"> {
  const outer = /^\s*\{(.*)\}\s*$/s.exec(text);
  if (outer === null) throw invalid("Its header is no dictionary.");
  let rest = outer[1]!;
  const entries: { descr?: string; fortran_order?: boolean; shape?: number[] } = {};
  while (rest.trim() !== "") {
    const match = ENTRY.exec(rest);
    if (match === null) throw describeUnread(rest);
    const [whole, , key, , descr, order, shape] = match;
    if (key === "descr" && descr !== undefined) entries.descr = descr;
    else if (key === "fortran_order" && order !== undefined) entries.fortran_order = order === "True";
    else if (key === "shape" && shape !== undefined) entries.shape = readShape(shape);
    else throw invalid(`Its header has a wrong ${key}.`);
    rest = rest.slice(whole.length);
  }
  const { descr, fortran_order: isFortranOrder, shape } = entries;
  if (descr === undefined || isFortranOrder === undefined || shape === undefined)
    throw invalid("Its header is incomplete.");
  return { ...readDescr(descr), isFortranOrder, shape };
}

function describeUnread(rest: string): ProblemError {
  return /^\s*(['"])descr\1\s*:\s*\[/.test(rest)
    ? problemAt("not_supported", "", "Structured arrays are not supported.")
    : invalid("Its header can't be read.");
}

function readShape(text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  return parts.map((part) => {
    const size = /^\d{1,15}L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN;
    if (Number.isNaN(size)) throw invalid("Its header has a wrong shape.");
    return size;
  });
}

function readDescr(descr: string): Pick<NpyHeader, "element" | "isBigEndian"> {
  const match = /^([<>=|])([a-zA-Z])(\d*)$/.exec(descr);
  if (match === null) throw invalid("Its header has a wrong descr.");
  const [, order, kind, size] = match;
  const element = `${kind}${size}`;
  if (!ELEMENTS.has(element)) {
    throw problemAt("not_supported", "", `Arrays of ${descr} are not supported: use float64, float32 or integers.`);
  }
  return { element, isBigEndian: order === ">" };
}
