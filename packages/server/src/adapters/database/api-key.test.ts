import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { apiKeyPrefix, hashApiKey, newApiKey } from "./api-key.ts";

test("keys have the documented form, are all different, and use all their letters", () => {
  const keys = Array.from({ length: 2_000 }, newApiKey);
  for (const key of keys) expect(key).toMatch(/^tda_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}$/);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(keys.map((key) => key.slice(13)).join("")).size).toBe(62);
});

test("the prefix is the public part, and what has not the form has none", () => {
  const key = newApiKey();
  expect(apiKeyPrefix(key)).toBe(key.slice(4, 12));
  for (const other of [` ${key}`, `${key}\n`, key.slice(1), key.toUpperCase(), ""])
    expect(apiKeyPrefix(other)).toBeNull();
});

test("the hash is the SHA-256 of the whole key", () => {
  const key = newApiKey();
  expect(hashApiKey(key)).toEqual(createHash("sha256").update(key).digest());
});
