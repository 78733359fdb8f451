// The embedded runner's state machine and evaluation in one process, without log and database. usage: window-machine.ts < MachineLoad as JSON.
import { text } from "node:stream/consumers";
import { createHostPool } from "@tda-platform/engine";
import { newChangeState } from "../../packages/server/src/domain/streams/evaluation/changes.ts";
import { EngineCalls } from "../../packages/server/src/domain/streams/evaluation/engine-calls.ts";
import { KeyEvaluation } from "../../packages/server/src/domain/streams/evaluation/key-evaluation.ts";
import { consume } from "../../packages/server/src/domain/streams/windows/consume.ts";
import { newKeyState } from "../../packages/server/src/domain/streams/windows/key-state.ts";
import { definitionOf, eventsOf } from "./log-records.ts";

export interface MachineLoad {
  /** Points of a window: tumbling ones by event time. */
  readonly windowPoints: number;
  readonly points: number;
  readonly keys: number;
  /** Engine hosts, as many calls at a time; 0: the windows are not evaluated. */
  readonly hosts: number;
  readonly outputs: readonly string[];
}

export interface MachineCost {
  readonly windows: number;
  readonly pointsPerSecond: number;
}

const load = JSON.parse(await text(process.stdin)) as MachineLoad;
process.stdout.write(JSON.stringify(await measure(load)));
process.exit(0);

async function measure({ windowPoints, points, keys, hosts, outputs }: MachineLoad): Promise<MachineCost> {
  const definition = definitionOf({
    ...{ window_type: "tumbling", size_ms: windowPoints, slide_ms: windowPoints, count: 0 },
    outputs: outputs as (typeof definition)["outputs"],
  });
  const known = { of: () => definition };
  const engine = hosts === 0 ? null : await createHostPool({ size: hosts });
  const run = async (count: number): Promise<MachineCost> => {
    const records = eventsOf(count, keys, windowPoints);
    const calls = engine === null ? null : new EngineCalls(engine, hosts, new AbortController().signal);
    const states = new Map(
      Array.from({ length: keys }, (_, key) => {
        const evaluation = calls === null ? null : new KeyEvaluation(calls, newChangeState(), () => void windows++);
        return [`sensor-${key}`, { state: newKeyState(), evaluation }];
      }),
    );
    let windows = 0;
    let waiting: Promise<void>[] = [];
    const startedAt = performance.now();
    for (const [offset, event] of records.entries()) {
      const { state, evaluation } = states.get(event.key)!;
      const outcomes = consume(state, known, event, { partition: 0, offset });
      if (evaluation === null) windows += outcomes.length;
      else waiting.push(evaluation.push(outcomes));
      if (waiting.length < 256) continue;
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
    return { windows, pointsPerSecond: (1000 * count) / (performance.now() - startedAt) };
  };
  await run(points / 4);
  const cost = await run(points);
  await engine?.close();
  return cost;
}
