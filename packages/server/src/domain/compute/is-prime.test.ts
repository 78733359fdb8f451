import { MAX_COEFFICIENT_FIELD } from "@tda-platform/contract/limits";
import { expect, it } from "vitest";
import { isPrime } from "./is-prime.ts";

it("isPrime agrees with the sieve of Eratosthenes up to the largest field", () => {
  const composite = new Uint8Array(MAX_COEFFICIENT_FIELD + 20);
  composite.fill(1, 0, 2);
  for (let n = 2; n < composite.length; n++) {
    for (let multiple = n * n; composite[n] === 0 && multiple < composite.length; multiple += n)
      composite[multiple] = 1;
  }
  const wrong = [...composite.keys()].filter((n) => isPrime(n) !== (composite[n] === 0));
  expect(wrong).toEqual([]);
  expect([isPrime(MAX_COEFFICIENT_FIELD), isPrime(-7)]).toEqual([true, false]);
});
