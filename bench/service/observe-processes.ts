// What the processes of a server take: processor time, memory, bytes to the disk. Linux only, from /proc.
import { readFileSync } from "node:fs";
import { residentBytes } from "../../acceptance/support/processes.ts";
import type { Product } from "../../acceptance/support/product.ts";

export interface Usage {
  readonly processorSeconds: number;
  readonly writtenBytes: number;
}

/** All processes of a product together, so far. */
export function usageOf(product: Product): Usage {
  const tree = product.tree();
  return {
    processorSeconds: tree.reduce((sum, entry) => sum + entry.processorSeconds, 0),
    writtenBytes: tree.reduce((sum, { pid }) => sum + writtenBytes(pid), 0),
  };
}

/** Processor time of all processors of the machine, whoever took it. */
export function machineSeconds(): { readonly busy: number; readonly total: number } {
  const fields = /^cpu\s+(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))![1]!.split(" ").map(Number);
  const total = fields.slice(0, 8).reduce((sum, value) => sum + value, 0) / 100;
  const idle = (fields[3]! + fields[4]!) / 100;
  return { busy: total - idle, total };
}

/** Resident memory of the Node processes that answer requests, in bytes: the largest one's. */
export function apiBytes(product: Product): number {
  return residentBytes(product.serverPid);
}

export function treeBytes(product: Product): number {
  return product.tree().reduce((sum, { pid }) => {
    try {
      return sum + residentBytes(pid);
    } catch {
      return sum;
    }
  }, 0);
}

function writtenBytes(pid: number): number {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
