import { expect } from "vitest";
import type { Answer } from "./http.ts";

/** The answers of the HTTP contract, as its text describes them. */
export type Bar = [birth: number, death: number | null];

export interface BarRepresentative {
  readonly birth_simplex: readonly number[];
  readonly death_simplex: readonly number[] | null;
  readonly cocycle?: Chain;
  readonly cycle?: Chain & { readonly vertices?: readonly number[] };
}

interface Chain {
  readonly simplices: readonly (readonly number[])[];
  readonly coefficients: readonly number[];
}

export interface ComputeAnswer {
  readonly id: string;
  readonly algorithm: "vietoris-rips";
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly diagrams: readonly (readonly Bar[])[];
  readonly representatives: null | readonly (readonly BarRepresentative[])[];
  readonly provenance: {
    readonly input_sha256: string;
    readonly scale: string;
    readonly coefficient_field: number;
    readonly threshold: number | null;
    readonly truncated: boolean;
    readonly method: string;
    readonly error_bound: number;
    readonly error_kind: string;
    readonly cover_radius: number | null;
    readonly engine: string;
    readonly engine_version: string;
  };
  readonly statistics: {
    readonly points: number;
    readonly edges: number;
    readonly simplices: number;
    readonly compute_ms: number;
    readonly peak_bytes: number;
  };
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

const uuid7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
export const computationId = new RegExp(`^cmp_(${uuid7}|[0-9a-f]{32})$`);

const exact = { method: "exact", error_bound: 0, error_kind: "none", cover_radius: null };

/** Asserts everything the contract says about a 200 of compute, and gives the body. */
export function computed(answer: Answer): ComputeAnswer {
  return approximated(answer, exact);
}

/** The same where the answer is not exact; `accuracy`: what its provenance says of that. */
export function approximated(answer: Answer, accuracy: Readonly<Record<string, unknown>>): ComputeAnswer {
  expect(answer.status, answer.text().slice(0, 2000)).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
  expect(answer.headers["cache-status"]).toMatch(/^tda; ?(hit|fwd=miss)/);
  const body = answer.json<ComputeAnswer>();
  expect(Object.keys(body).sort()).toEqual([
    "algorithm",
    "diagrams",
    "id",
    "parameters",
    "provenance",
    "representatives",
    "statistics",
  ]);
  expect(body.id).toMatch(computationId);
  expect(body.algorithm).toBe("vietoris-rips");
  if (body.parameters.representatives === "none") expect(body.representatives).toBeNull();
  else expect(body.representatives?.map((bars) => bars.length)).toEqual(body.diagrams.map((bars) => bars.length));
  expect(Object.keys(body.parameters)).toEqual(
    expect.arrayContaining([
      "max_dimension",
      "threshold",
      "coefficient_field",
      "edge_collapse",
      "representatives",
      "threads",
      "memory_limit_bytes",
      "approximation",
    ]),
  );
  expect(body.diagrams).toHaveLength(Number(body.parameters.max_dimension) + 1);
  for (const diagram of body.diagrams) expectDiagram(diagram);
  expect(body.provenance).toMatchObject({
    input_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    scale: "diameter",
    coefficient_field: body.parameters.coefficient_field,
    truncated: expect.any(Boolean),
    ...accuracy,
    engine: expect.stringMatching(/^(native|typescript)$/),
    engine_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  for (const name of ["points", "edges", "simplices", "compute_ms", "peak_bytes"] as const) {
    expect(body.statistics[name], name).toBeGreaterThanOrEqual(0);
  }
  return body;
}

/** Sorted by birth, then death with the infinite ones last; no bar of length zero; nothing but numbers and null. */
function expectDiagram(diagram: readonly Bar[]): void {
  let before: Bar | undefined;
  for (const bar of diagram) {
    const [birth, death] = bar;
    const isBar =
      bar.length === 2 && Number.isFinite(birth) && (death === null || (Number.isFinite(death) && death > birth));
    const isSorted =
      before === undefined ||
      before[0] < birth ||
      (before[0] === birth && (death === null || (before[1] !== null && before[1] <= death)));
    if (!isBar || !isSorted) expect.fail(`no diagram: ${JSON.stringify(before)} before ${JSON.stringify(bar)}`);
    before = bar;
  }
}

/**
 * Asserts a refusal as RFC 9457 and the contract describe it, and gives the body. A pointer may be a pattern where the
 * contract leaves open which of two places is named.
 */
export function refused(answer: Answer, status: number, code: string | RegExp, pointer?: string | RegExp): Problem {
  const text = answer.text();
  expect(answer.status, text.slice(0, 2000)).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json\b/);
  expect(text).not.toMatch(/\bat [^ ]+ \(|node_modules|\.ts:\d/);
  const body = answer.json<Problem>();
  expect(body.status).toBe(status);
  expect(body.code, text.slice(0, 2000)).toMatch(code instanceof RegExp ? code : new RegExp(`^${code}$`));
  expect(body.code).toMatch(/^[a-z]+(_[a-z0-9]+)*$/);
  for (const name of ["type", "title", "detail", "instance", "request_id"] as const) {
    expect(body[name], `${name} in ${text.slice(0, 500)}`).toEqual(expect.any(String));
    expect(body[name], name).not.toBe("");
  }
  expect(answer.headers["x-request-id"]).toBe(body.request_id);
  if (pointer !== undefined) {
    const pointers = (body.errors ?? []).map((error) => error.pointer);
    const found = pointers.some((one) => (typeof pointer === "string" ? one === pointer : pointer.test(one)));
    expect(found, `${pointer} is not among ${JSON.stringify(body.errors)}`).toBe(true);
    for (const error of body.errors ?? []) expect(error.detail).toEqual(expect.stringMatching(/\S/));
  }
  return body;
}
