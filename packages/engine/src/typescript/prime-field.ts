/** The field has to fit 15 bits, so that a product of two residues fits 30. */
export const MAX_FIELD = 32_749;

export function isPrimeBelow2Pow15(p: number): boolean {
  if (!Number.isInteger(p) || p < 2 || p > MAX_FIELD) return false;
  for (let divisor = 2; divisor * divisor <= p; ++divisor) {
    if (p % divisor === 0) return false;
  }
  return true;
}

/** `inverses[a] * a = 1 mod p` for a = 1 … p-1 (p prime); entry 0 is unused. Cost O(p). */
export function inversesModulo(p: number): Uint16Array {
  const inverses = new Uint16Array(p);
  if (p > 1) inverses[1] = 1;
  for (let a = 2; a < p; ++a) {
    // From p = (p div a)·a + (p mod a): the inverse of a is −(p div a) times that of the remainder.
    inverses[a] = p - ((Math.floor(p / a) * (inverses[p % a] as number)) % p);
  }
  return inverses;
}
