import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createHostPool } from "@tda-platform/engine";
import fc from "fast-check";
import { streamLog } from "../../packages/server/src/domain/streams/testing/log-arbitrary.ts";
import { hexOf, runLog } from "../../packages/server/src/domain/streams/testing/run-log.ts";
import { fileOf } from "../../packages/server/src/domain/streams/testing/vector.ts";

/*
 * Writes random logs and the bytes that they give, for a comparison with another runner: one vector of the form of streaming/golden/README.md
 * a line. Equal seeds give equal files. It needs a built engine.
 *
 *   node tools/generate/stream-logs.ts --seed 1 --count 1000 --out build/stream-logs.jsonl
 */
const { values } = parseArgs({
  // Nothing that it writes is committed.
  options: {
    check: { type: "boolean" },
    seed: { type: "string" },
    count: { type: "string", default: "1000" },
    out: { type: "string" },
  },
});
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const out = values.out ?? "build/stream-logs.jsonl";

async function write(): Promise<void> {
  const engine = await createHostPool({ size: 1 });
  try {
    const lines: string[] = [];
    for (const [i, log] of fc.sample(streamLog(), { seed, numRuns: Number(values.count) }).entries()) {
      const summary = `log ${i} of seed ${seed}`;
      lines.push(JSON.stringify(fileOf(log, { summary, ...hexOf(await runLog(engine, log)) })));
    }
    await writeFile(out, `${lines.join("\n")}\n`);
    process.stdout.write(`${lines.length} logs of seed ${seed} are in ${out}\n`);
  } finally {
    await engine.close();
  }
}

if (values.check !== true) await write();
