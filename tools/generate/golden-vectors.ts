import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createHostPool } from "@tda-platform/engine";
import { GOLDEN_CASES } from "../../packages/server/src/domain/streams/testing/golden/all-cases.ts";
import { hexOf, runLog } from "../../packages/server/src/domain/streams/testing/run-log.ts";
import { fileOf, type VectorFile } from "../../packages/server/src/domain/streams/testing/vector.ts";

/*
 * Writes streaming/golden/*.json: the records of the golden cases, what a person expects of them, and the bytes that they give, once
 * they give what the person expects (golden.test.ts). It needs a built engine (`npm start` builds it).
 */

const folder = resolve(import.meta.dirname, "../../streaming/golden");

/** One item a line, so that a change is a line. */
function textOf(file: VectorFile): string {
  const fields = Object.entries(file).map(([name, value]) => {
    const isList = Array.isArray(value) && value.length > 0;
    const text = isList
      ? `[\n${value.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`
      : JSON.stringify(value);
    return `  ${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}

await mkdir(folder, { recursive: true });
const engine = await createHostPool({ size: 1 });
try {
  const written = new Set<string>(["partitioner.json"]);
  for (const { name, summary, log, expected } of GOLDEN_CASES) {
    const file = fileOf(log, { summary, ...hexOf(await runLog(engine, log)), readable: expected });
    written.add(`${name}.json`);
    await writeFile(join(folder, `${name}.json`), textOf(file));
  }
  for (const name of await readdir(folder)) {
    if (name.endsWith(".json") && !written.has(name)) await rm(join(folder, name));
  }
} finally {
  await engine.close();
}
