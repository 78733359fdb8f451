import { usageError } from "../cli-error.ts";

/** What a file of points or distances can be. */
export const FILE_FORMATS = ["csv", "npy", "lower-distance", "lower-distance-binary"] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** By the end of the name, longer ends first: Ripser's benchmark files are called `*.lower_distance_matrix` or `*.ldm.bin`. */
const FORMATS_BY_NAME: readonly (readonly [string, FileFormat])[] = [
  [".csv", "csv"],
  [".npy", "npy"],
  [".lower_distance_matrix", "lower-distance"],
  [".ldm", "lower-distance"],
  [".bin", "lower-distance-binary"],
];
const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");

/** The format of a file by its name, of standard input by its first bytes. @throws CliError (usage) where neither says it. */
export function detectFormat(path: string, content: Buffer): FileFormat {
  if (content.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) return "npy";
  if (path === "-") return "csv";
  const name = path.toLowerCase();
  const known = FORMATS_BY_NAME.find(([end]) => name.endsWith(end));
  if (known !== undefined) return known[1];
  throw usageError(
    `The name ${path} does not say what the file is.`,
    `Give --format with one of ${FILE_FORMATS.join(", ")}.`,
  );
}
