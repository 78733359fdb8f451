import { setTimeout as sleep } from "node:timers/promises";
import type { SealedBlobs } from "../storage/sealed-blobs.ts";
import { STALE_SECONDS } from "./blob-writer.ts";
import type { BlobMaintenance, UploadMaintenance } from "./ports.ts";
import type { UploadService } from "./upload-service.ts";

export interface MaintenanceDependencies {
  readonly blobs: SealedBlobs;
  readonly records: BlobMaintenance;
  readonly uploads: UploadMaintenance;
  readonly uploadService: Pick<UploadService, "finish">;
  /** Master keys that are there to read what is older. */
  readonly olderKeyIds: readonly string[];
  readonly onFailure: (step: string, error: unknown) => void;
}

export interface MaintenanceReport {
  expired: number;
  finished: number;
  removed: number;
  rewrapped: number;
}

const BATCH = 200;
const EVERY_MS = 60_000;

/**
 * What a crash, a failed store or a new master key leaves to do: uploads past their time end, uploads that have arrived
 * become datasets, blobs that are given up lose their bytes, data keys come under the current master key. Each step is
 * idempotent, so that any number of servers may do it at the same time; one that fails is for the next time.
 */
export async function maintainStorage(dependencies: MaintenanceDependencies): Promise<MaintenanceReport> {
  const report: MaintenanceReport = { expired: 0, finished: 0, removed: 0, rewrapped: 0 };
  const steps: Readonly<Record<keyof MaintenanceReport, () => Promise<number>>> = {
    expired: () => dependencies.uploads.expire(BATCH),
    finished: () => finishUploads(dependencies),
    removed: () => removeBlobs(dependencies),
    rewrapped: () => rewrapKeys(dependencies),
  };
  for (const name of Object.keys(steps) as (keyof MaintenanceReport)[]) {
    report[name] = await steps[name]().catch((error: unknown) => {
      dependencies.onFailure(name, error);
      return 0;
    });
  }
  return report;
}

/** Until the signal, about every minute, at once first. */
export async function keepStorageMaintained(dependencies: MaintenanceDependencies, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await maintainStorage(dependencies);
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function finishUploads({ uploads, uploadService, onFailure }: MaintenanceDependencies): Promise<number> {
  const arrived = await uploads.unattended(BATCH);
  for (const { projectId, id } of arrived) {
    // A content that is refused ends its upload, which tells why.
    await uploadService.finish(projectId, id).catch((error: unknown) => onFailure("finished", error));
  }
  return arrived.length;
}

async function removeBlobs({ records, blobs }: MaintenanceDependencies): Promise<number> {
  let removed = 0;
  for (;;) {
    const names = await records.doomed(STALE_SECONDS, BATCH);
    for (const name of names) {
      await blobs.delete(name);
      await records.forget(name);
    }
    removed += names.length;
    if (names.length < BATCH) return removed;
  }
}

async function rewrapKeys({ records, blobs, olderKeyIds }: MaintenanceDependencies): Promise<number> {
  let rewrapped = 0;
  if (olderKeyIds.length === 0) return 0;
  for (;;) {
    const found = await records.underKeys(olderKeyIds, BATCH);
    for (const { key, ...name } of found) await records.replaceKey(name, key, blobs.rewrapKey(name, key));
    rewrapped += found.length;
    if (found.length < BATCH) return rewrapped;
  }
}
