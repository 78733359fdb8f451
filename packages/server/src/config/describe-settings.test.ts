import { generateKeyPairSync } from "node:crypto";
import { settingDefinitions } from "@tda-platform/contract/settings";
import { expect, test } from "vitest";
import { describeSettings, redactUrl } from "./describe-settings.ts";
import { loadSettings } from "./settings.ts";

test("every setting is described, with its source", () => {
  const described = describeSettings(loadSettings({ API_PORT: "9000" }, { workingDir: "/" }));
  expect(described.map(({ name }) => name)).toEqual(Object.values(settingDefinitions).map(({ name }) => name));
  expect(described.find(({ name }) => name === "API_PORT")).toMatchObject({ value: "9000", source: "environment" });
  expect(described.find(({ name }) => name === "REDIS_URL")).toMatchObject({ value: null, source: "default" });
});

test("no secret is described", () => {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  const settings = loadSettings(
    { JWT_SECRET_KEY: key.toString(), DATABASE_URL: "postgresql://tda:hunter2@db.example/tda" },
    { workingDir: "/" },
  );
  const text = JSON.stringify(describeSettings(settings));
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain("PRIVATE KEY");
  expect(text).toContain("db.example");
});

test.each([
  ["postgresql://me:pass@host/db", "postgresql://me:[redacted]@host/db"],
  ["postgresql://me:p@ss:word@host/db", "postgresql://me:[redacted]@host/db"],
  ["postgresql://host/db?user=me&password=pass&x=1", "postgresql://host/db?user=me&password=[redacted]&x=1"],
  ["redis://:pass@host", "redis://:[redacted]@host"],
  ["postgresql://me@host/db", "postgresql://me@host/db"],
])("%s", (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted);
});
