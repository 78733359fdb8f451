import { CliError } from "../cli-error.ts";

/**
 * Numbers of Ripser's lower-distance text: the rows of the strict lower triangle one after the other, separated by
 * commas, semicolons or white space; line ends mean nothing.
 */
export function parseLowerDistanceText(content: Buffer): Float64Array {
  const lines = content.toString("utf8").split("\n");
  const values: number[] = [];
  for (const [index, line] of lines.entries()) {
    for (const field of line.split(/[\s,;]+/)) {
      if (field === "") continue;
      const value = /^\+?inf(inity)?$/i.test(field) ? Number.POSITIVE_INFINITY : Number(field);
      if (Number.isNaN(value)) {
        throw new CliError(`Line ${index + 1}: ${JSON.stringify(field.slice(0, 40))} is not a number.`, {
          hint: "A lower-distance text has nothing but numbers; --format names another format.",
        });
      }
      values.push(value);
    }
  }
  return Float64Array.from(values);
}

/** float32 values, little endian, of the strict lower triangle. */
export function parseLowerDistanceBinary(content: Buffer): Float32Array {
  if (content.length % 4 !== 0) {
    throw new CliError(`The file has ${content.length} bytes, which is no whole number of float32 values.`, {
      hint: "A lower-distance binary is d(1,0), d(2,0), d(2,1), … as little-endian float32; --format names another format.",
    });
  }
  const values = new Float32Array(content.length / 4);
  for (let k = 0; k < values.length; ++k) values[k] = content.readFloatLE(4 * k);
  return values;
}

/** The full symmetric matrix of a strict lower triangle, with zeros on the diagonal. O(n²). */
export function fullMatrix<Values extends Float32Array | Float64Array>(
  lower: Values,
): { readonly rows: number; readonly values: Values } {
  const rows = Math.round((1 + Math.sqrt(1 + 8 * lower.length)) / 2);
  if ((rows * (rows - 1)) / 2 !== lower.length) {
    throw new CliError(`${lower.length} numbers are no lower triangle: n points have n(n - 1)/2 distances.`, {
      hint: "Are the diagonal or the upper triangle in the file too? Then give it as a matrix: --format csv --input-kind distances.",
    });
  }
  const values = (
    lower instanceof Float32Array ? new Float32Array(rows * rows) : new Float64Array(rows * rows)
  ) as Values;
  for (let i = 1, k = 0; i < rows; ++i) {
    for (let j = 0; j < i; ++j, ++k) {
      values[i * rows + j] = lower[k] as number;
      values[j * rows + i] = lower[k] as number;
    }
  }
  return { rows, values };
}
