import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

const names = ["API_PORT", "API_HOST", "TDA_DATA_DIR", "TDA_LOG_LEVEL"];

test.each([
  ["API_PROT", "API_PORT"],
  ["TDA_DATADIR", "TDA_DATA_DIR"],
  ["TDA_LOGLEVEL", "TDA_LOG_LEVEL"],
  ["TDA_SOMETHING_ELSE", null],
  ["", null],
])("%s is meant as %s", (name, nearest) => {
  expect(nearestName(name, names)).toBe(nearest);
});
