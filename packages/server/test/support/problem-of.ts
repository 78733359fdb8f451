import { expect } from "vitest";
import { ProblemError } from "../../src/domain/problem.ts";

/** The problem that a function throws, as code and pointers. */
export function problemOf(work: () => unknown): { code: string; pointers: string[]; detail: string } {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { code: error.code, pointers: error.places.map(({ pointer }) => pointer), detail: error.message };
  }
  return expect.unreachable("a problem should be thrown");
}
