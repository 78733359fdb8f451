import { expect, test } from "vitest";
import { loadSettings } from "../config/settings.ts";
import { operatorWarnings } from "./operator-warnings.ts";

const key = { keyFile: "/data/keys/local-api-key", state: "kept", apiKey: null, isFirstInUse: false } as const;
const settings = (env: Record<string, string>) => loadSettings(env, { workingDir: "/" });

test("a renewed key and the usual settings need no attention", () => {
  expect(operatorWarnings(settings({}), key)).toEqual([]);
});

test("each reason is told", () => {
  expect(operatorWarnings(settings({}), { ...key, isFirstInUse: true })).toHaveLength(1);
  expect(operatorWarnings(settings({}), { ...key, state: "missing" })[0]).toContain(key.keyFile);
  expect(operatorWarnings(settings({ FEATURE_MOCK_CPP_ENGINE: "true" }), key)).toHaveLength(1);
});

test("with authentication off, keys do not matter and that does", () => {
  const warnings = operatorWarnings(settings({ FEATURE_ENABLE_AUTHENTICATION: "false" }), { ...key, state: "missing" });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).not.toContain(key.keyFile);
});
