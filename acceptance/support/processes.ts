import { readdirSync, readFileSync } from "node:fs";

/** A process, told from a later one with the same number by its start time. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly state: string;
  readonly startedAt: string;
  readonly name: string;
  /** User and system time of all its threads; Linux counts in hundredths. */
  readonly processorSeconds: number;
}

/** Every process of the machine, read from /proc (Linux). Those that only wait to be reaped have ended. */
export function processes(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, "utf8");
        const close = text.lastIndexOf(")");
        const fields = text.slice(close + 2).split(" ");
        const entry: ProcessEntry = {
          pid: Number(pid),
          parent: Number(fields[1]),
          group: Number(fields[2]),
          state: fields[0]!,
          startedAt: fields[19]!,
          name: text.slice(text.indexOf("(") + 1, close),
          processorSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
        };
        return entry.state === "Z" ? [] : [entry];
      } catch {
        return []; // it ended between the two calls
      }
    });
}

/** The process and all that it started, directly or not, as far as they still hang together. */
export function processTree(root: number): ProcessEntry[] {
  const all = processes();
  const tree = all.filter((entry) => entry.pid === root);
  for (const entry of tree) tree.push(...all.filter((child) => child.parent === entry.pid));
  return tree;
}

/** Those of `before` that still run. */
export function survivors(before: readonly ProcessEntry[]): ProcessEntry[] {
  const now = new Map(processes().map((entry) => [entry.pid, entry.startedAt]));
  return before.filter((entry) => now.get(entry.pid) === entry.startedAt);
}

/** Processes whose command line names a folder of this test, whoever their parent is by now. */
export function processesNaming(text: string): ProcessEntry[] {
  return processes().filter((entry) => {
    try {
      return readFileSync(`/proc/${entry.pid}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) * 1024;
}

export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}
