import { idPattern } from "@tda-platform/contract/identifiers";
import { expect, test } from "vitest";
import { newId } from "./ids.ts";

test("identifiers have the form of the contract and sort by time", () => {
  const ids = Array.from({ length: 1000 }, () => newId("cmp"));
  for (const id of ids) expect(id).toMatch(new RegExp(idPattern("cmp")));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
