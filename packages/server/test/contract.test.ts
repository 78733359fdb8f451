import {
  COMPUTE_EXAMPLES,
  ID_PREFIXES,
  idPattern,
  isAllowed,
  JOB_ERROR_CODES,
  LIMIT_NAMES,
  LIMITS,
  type LimitDefinition,
  OPERATION_IDS,
  openApiDocument,
  operation,
  PROBLEM_CODES,
  PROBLEMS,
  type Problem,
  REQUEST_ID_PATTERN,
  type ResolvedRipsParameters,
  RIPS_QUERY_SCHEMA,
  RIPS_REQUEST_SCHEMA,
  RIPS_RESULT_SCHEMA,
  type RipsRequest,
  type RipsResult,
  settingDefinitions,
} from "@tda-platform/contract/index";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, expectTypeOf, it } from "vitest";

type Json = { [key: string]: unknown };
const options = { version: "1.0.0", authentication: true, metrics: true, metricsRequireKey: false, maxDimension: 10 };
const document = JSON.parse(JSON.stringify(openApiDocument(options))) as {
  paths: Record<string, Record<string, { operationId: string; security?: unknown[]; responses: Record<string, Json> }>>;
};
const ajv = new Ajv2020({ strict: false });

/** Every object below a value, with its place. */
function* objects(value: unknown, place = "#"): Generator<[string, Json]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [place, value as Json];
  for (const [key, inner] of Object.entries(value)) yield* objects(inner, `${place}/${key}`);
}

describe("types", () => {
  it("are those of the schemas", () => {
    expectTypeOf<RipsRequest["points"]>().toEqualTypeOf<number[][] | undefined>();
    expectTypeOf<RipsRequest["threshold"]>().toEqualTypeOf<number | null | undefined>();
    expectTypeOf<RipsRequest["metric"]>().toEqualTypeOf<
      ResolvedRipsParameters["metric"] extends infer M ? Exclude<M, null> | undefined : never
    >();
    expectTypeOf<RipsResult["diagrams"]>().toEqualTypeOf<(number | null)[][][]>();
    expectTypeOf<RipsResult["algorithm"]>().toEqualTypeOf<"vietoris-rips">();
    expectTypeOf<ResolvedRipsParameters["memory_limit_bytes"]>().toEqualTypeOf<number>();
    expectTypeOf<Problem["errors"]>().toEqualTypeOf<{ pointer: string; detail: string }[] | undefined>();
  });
});

describe("schemas", () => {
  it("compile, and accept the examples", () => {
    const validate = ajv.compile(RIPS_REQUEST_SCHEMA);
    for (const { value } of Object.values(COMPUTE_EXAMPLES)) expect(validate(value), JSON.stringify(value)).toBe(true);
    for (const schema of [RIPS_QUERY_SCHEMA, RIPS_RESULT_SCHEMA]) expect(() => ajv.compile(schema)).not.toThrow();
  });

  it("want exactly one input, and no field that they do not know", () => {
    const validate = ajv.compile(RIPS_REQUEST_SCHEMA);
    for (const bad of [{}, { points: [], distances: [] }, { points: [], treshold: 1 }, { points: null }]) {
      expect(validate(bad), JSON.stringify(bad)).toBe(false);
    }
  });

  it("have the same parameters in a body and in a query", () => {
    const { input_kind: _kind, ...query } = RIPS_QUERY_SCHEMA.properties;
    for (const name of Object.keys(query)) expect(RIPS_REQUEST_SCHEMA.properties).toHaveProperty(name);
    expect(Object.keys(query)).toEqual(Object.keys(RIPS_REQUEST_SCHEMA.properties).slice(-Object.keys(query).length));
  });
});

describe("operations", () => {
  it("have ids of dotted words and paths of their own", () => {
    for (const id of OPERATION_IDS) expect(id).toMatch(/^[a-z_]+\.[a-z_]+$/);
    const paths = OPERATION_IDS.flatMap((id) =>
      [operation(id).path, ...operation(id).aliases].map((path) => operation(id).method + path),
    );
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("answer together with every problem of the catalogue", () => {
    const documented = new Set(
      [...objects(document.paths)].flatMap(([place, one]) =>
        place.endsWith("/code") && Array.isArray(one.enum) ? (one.enum as string[]) : [],
      ),
    );
    const elsewhere = new Set<string>(["not_found", "method_not_allowed", ...JOB_ERROR_CODES]);
    const everywhere = [...PROBLEM_CODES].filter((code) => !elsewhere.has(code));
    expect(everywhere.filter((code) => !documented.has(code))).toEqual([]);
  });
});

describe("problems", () => {
  it("have stable codes, a status of an error, and texts", () => {
    for (const code of PROBLEM_CODES) {
      const { status, title, meaning, remedy } = PROBLEMS[code];
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      for (const text of [title, meaning, remedy]) expect(text.length).toBeGreaterThan(3);
    }
  });

  it("say that a 503 may be retried", () => {
    for (const code of PROBLEM_CODES.filter((one) => PROBLEMS[one].status === 503))
      expect(PROBLEMS[code].retryable).toBe(true);
  });
});

describe("limits", () => {
  it("name a setting or a number, and a problem of the catalogue", () => {
    for (const name of LIMIT_NAMES) {
      const { value, problem }: LimitDefinition = LIMITS[name];
      if ("setting" in value) expect(settingDefinitions).toHaveProperty(value.setting);
      else expect(value.fixed).toBeGreaterThan(0);
      if (problem !== null) expect(PROBLEM_CODES).toContain(problem);
    }
  });
});

describe("permissions", () => {
  it("grow with the role", () => {
    expect(
      ["viewer", "analyst", "operator", "admin"].map((role) => isAllowed(role as "viewer", "compute.run")),
    ).toEqual([false, true, true, true]);
  });
});

describe("identifiers", () => {
  it("are a prefix and a UUIDv7", () => {
    const pattern = new RegExp(idPattern(ID_PREFIXES.computation));
    expect("cmp_01890a5d-ac96-774b-bcce-b302099a8057").toMatch(pattern);
    for (const bad of ["ds_01890a5d-ac96-774b-bcce-b302099a8057", "cmp_01890a5d-ac96-474b-bcce-b302099a8057", "cmp_"]) {
      expect(bad).not.toMatch(pattern);
    }
    expect("x".repeat(65)).not.toMatch(new RegExp(REQUEST_ID_PATTERN));
  });
});

describe("the OpenAPI document", () => {
  it("has unique operation ids and references that lead somewhere", () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, { $ref }] of objects(document)) {
      if (typeof $ref !== "string") continue;
      const found = $ref
        .slice(2)
        .split("/")
        .reduce<unknown>((node, key) => (node as Json | undefined)?.[key], document);
      expect(found, $ref).toBeDefined();
    }
  });

  it("has only schemas that compile", () => {
    const components = { $id: "document", ...document };
    const local = new Ajv2020({ strict: false, validateFormats: false });
    for (const [place, one] of objects(document.paths)) {
      if (!place.endsWith("/schema")) continue;
      const text = JSON.stringify(one).replaceAll('"#/', '"document#/');
      if (local.getSchema("document") === undefined) local.addSchema(components);
      expect(() => local.compile(JSON.parse(text) as Json), place).not.toThrow();
    }
  });

  it("describes problems by their media type, status and codes", () => {
    for (const { responses } of Object.values(document.paths).flatMap((path) => Object.values(path))) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        expect(Object.keys(content as Json)).toEqual(["application/problem+json"]);
      }
    }
  });

  it("asks for a key where the server does, and only there", () => {
    const securityOf = (path: string, made: unknown) =>
      Object.values((made as typeof document).paths[path]!).map(({ security }) => security)[0];
    expect(securityOf("/health/live", document)).toEqual([]);
    expect(securityOf("/metrics", document)).toEqual([]);
    expect(securityOf("/v1/compute/vietoris-rips", document)).toBeUndefined();
    expect(securityOf("/metrics", openApiDocument({ ...options, metricsRequireKey: true }))).toBeUndefined();
    const open = openApiDocument({ ...options, authentication: false });
    expect(open).not.toHaveProperty("security");
    expect(JSON.stringify(open)).not.toContain("authentication_required");
  });
});
