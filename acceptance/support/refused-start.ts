import { expect } from "vitest";
import { until } from "./poll.ts";
import { Product, type Start } from "./product.ts";

/** The start ends by itself, with one sentence for the person and no trace of the program. */
export async function refusedStart(env: Record<string, string>, mention: RegExp, start: Start = {}): Promise<void> {
  const product = await Product.launch({ ...start, command: ["npm", "start", "--silent"], env });
  try {
    const ending = await product.ended;
    expect(ending.code, ending.output).not.toBe(0);
    expect(ending.code, ending.output).not.toBeNull();
    expect(ending.output).toMatch(mention);
    expect(ending.output).not.toMatch(/^\s+at .+:\d+/m);
    // The log, one JSON object a line, is for machines; of the rest, an indented line may say where to look further.
    const lines = ending.output.split("\n").filter((line) => line.trim() !== "" && !/^([•✓{]| {2})/.test(line));
    expect(lines, ending.output).toHaveLength(1);
    await until("no process to be left", () => product.leftovers().length === 0);
  } finally {
    await product.dispose({ keepData: start.dataDir !== undefined });
  }
}
