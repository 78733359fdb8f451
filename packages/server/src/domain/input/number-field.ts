const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NOT_A_NUMBER = /^[+-]?nan$/i;

/**
 * A field of a text as a number: decimal notation, `inf` (also of an overflowing decimal, which the caller refuses) or
 * `nan`; undefined when it is none of these. Spaces around it are ignored.
 */
export function parseNumberField(field: string): number | undefined {
  const text = field.trim();
  if (DECIMAL.test(text)) return Number(text);
  if (INFINITE.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined;
}

/** Whether a decimal is too large for a float64: it reads as infinite without saying so. */
export function overflows(field: string, value: number): boolean {
  return (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) && DECIMAL.test(field.trim());
}
