/** A process of its own that has a pool: prints the process ids of its hosts, then waits, computes, closes it or ends. */
import { createHostPool } from "../../src/pool.ts";
import { longInput, longOptions } from "./inputs.ts";

const mode = process.argv[2];
const pool = await createHostPool({ size: 2 });
if (mode === "busy") {
  for (const _ of pool.statistics().hosts) void pool.vietorisRips(longInput, longOptions);
}
console.log(JSON.stringify(pool.statistics().hosts.map(({ processId }) => processId)));
if (mode === "idle") setInterval(() => undefined, 1000);
if (mode === "close") await pool.close();
