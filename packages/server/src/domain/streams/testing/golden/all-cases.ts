import { EVALUATION_CASES } from "./evaluation-cases.ts";
import type { GoldenCase } from "./golden-case.ts";
import { RECORD_CASES } from "./record-cases.ts";
import { SESSION_CASES } from "./session-cases.ts";
import { TUMBLING_CASES } from "./tumbling-cases.ts";

export const GOLDEN_CASES: readonly GoldenCase[] = [
  ...TUMBLING_CASES,
  ...SESSION_CASES,
  ...RECORD_CASES,
  ...EVALUATION_CASES,
];
