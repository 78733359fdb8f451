/** Whether an integer of at most 2^31 is prime, by trial division. O(sqrt n). */
export function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) {
    if (n % divisor === 0) return false;
  }
  return true;
}
