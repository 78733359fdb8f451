// What a window costs the embedded runner, by its size, without log and database.
import { runChild } from "./run-child.ts";
import type { MachineCost, MachineLoad } from "./window-machine.ts";

export interface WindowCost {
  readonly windowPoints: number;
  /** Of the state machine alone. */
  readonly machineMicroseconds: number;
  /** With the engine: diagrams in dimensions 0 and 1. */
  readonly diagramsMicroseconds: number;
  /** And the distance to the window before. */
  readonly changeMicroseconds: number;
}

export interface MachineRow {
  readonly how: string;
  readonly pointsPerSecond: readonly number[];
}

const sizes = [10, 50, 100, 200, 500] as const;
const keys = 100;

/** One engine host. */
export async function measureWindowCosts(scale: number, log: (line: string) => void): Promise<WindowCost[]> {
  const costs: WindowCost[] = [];
  for (const windowPoints of sizes) {
    const cost = async (hosts: number, windows: number, outputs: readonly string[]) => {
      // The last window of each key stays open.
      const points = Math.max(2 * keys * windowPoints, Math.ceil(windows * scale) * windowPoints);
      const { windows: done, pointsPerSecond } = await runChild<MachineCost>("window-machine.ts", {
        ...{ windowPoints, points: points - (points % 50), keys, hosts, outputs },
      } satisfies MachineLoad);
      return (1e6 * points) / pointsPerSecond / done;
    };
    const windows = Math.min(4_000, Math.ceil(400_000 / windowPoints ** 1.4));
    costs.push({
      windowPoints,
      machineMicroseconds: await cost(0, 4 * windows, ["diagrams"]),
      diagramsMicroseconds: await cost(1, windows, ["diagrams"]),
      changeMicroseconds: await cost(1, windows, ["diagrams", "change_score"]),
    });
    log(`window of ${windowPoints}: ${JSON.stringify(costs.at(-1))}`);
  }
  return costs;
}

/** Points a second through windows of 50. */
export async function measureMachine(
  rounds: number,
  scale: number,
  log: (line: string) => void,
): Promise<MachineRow[]> {
  const rows = [
    { how: "embedded state machine alone", hosts: 0, points: 1_000_000 },
    { how: "embedded state machine with the engine, two hosts", hosts: 2, points: 200_000 },
  ].map((row) => ({ ...row, pointsPerSecond: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { hosts, points, pointsPerSecond } of rows) {
      const load: MachineLoad = { windowPoints: 50, points: points * scale, keys, hosts, outputs: ["diagrams"] };
      pointsPerSecond.push((await runChild<MachineCost>("window-machine.ts", load)).pointsPerSecond);
    }
  }
  for (const { how, pointsPerSecond } of rows)
    log(`${how}: ${pointsPerSecond.map((rate) => rate.toFixed(0)).join(" ")} points/s`);
  return rows.map(({ how, pointsPerSecond }) => ({ how, pointsPerSecond }));
}
