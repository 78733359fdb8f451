import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createHostPool } from "@tda-platform/engine";
import { GOLDEN_CASES } from "../../packages/server/src/domain/streams/testing/golden/all-cases.ts";
import { hexOf, runLog } from "../../packages/server/src/domain/streams/testing/run-log.ts";
import { fileOf, type VectorFile } from "../../packages/server/src/domain/streams/testing/vector.ts";

/*
 * Writes streaming/golden/*.json: the records of the golden cases, what a person expects of them, and the bytes that they give, once
 * they give what the person expects (golden.test.ts). It needs a built engine (`npm start` builds it); with --check it needs none, and only compares.
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

async function write(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const engine = await createHostPool({ size: 1 });
  try {
    for (const { name, summary, log, expected } of GOLDEN_CASES) {
      const file = fileOf(log, { summary, ...hexOf(await runLog(engine, log)), readable: expected });
      await writeFile(join(folder, `${name}.json`), textOf(file));
    }
  } finally {
    await engine.close();
  }
  for (const name of await strangers()) await rm(join(folder, name));
}

/** All but the bytes, which golden.test.ts compares: it has an engine. */
async function check(): Promise<void> {
  const stale = await strangers();
  for (const { name, summary, log, expected } of GOLDEN_CASES) {
    const text = await readFile(join(folder, `${name}.json`), "utf8").catch(() => null);
    const { results = [], rejected = [] } = text === null ? {} : (JSON.parse(text) as VectorFile);
    if (text !== textOf(fileOf(log, { summary, results, rejected, readable: expected }))) stale.push(`${name}.json`);
  }
  if (stale.length === 0) return;
  process.stderr.write(`stale: ${stale.join(", ")}; run node tools/generate/golden-vectors.ts\n`);
  process.exitCode = 1;
}

/** Files that are no case's. */
async function strangers(): Promise<string[]> {
  const written = new Set(["partitioner.json", ...GOLDEN_CASES.map(({ name }) => `${name}.json`)]);
  return (await readdir(folder)).filter((name) => name.endsWith(".json") && !written.has(name));
}

await (process.argv.includes("--check") ? check() : write());
