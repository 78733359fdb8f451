import type { DependencyProbe } from "../../domain/ports.ts";
import type { BlobStore } from "../../domain/storage/blob-store.ts";
import type { CircuitName } from "../../internal/circuit.ts";

/** Without its store a server computes what it is sent, but not what it keeps: it is degraded, not gone. */
export function blobProbe(store: BlobStore, circuit: (() => CircuitName) | null): DependencyProbe {
  return {
    name: "blobs",
    required: false,
    check: async () => {
      const start = performance.now();
      const isUp = await store.check().then(
        () => true,
        () => false,
      );
      return {
        name: "blobs",
        status: isUp ? "up" : "down",
        latencyMs: isUp ? Math.round((performance.now() - start) * 100) / 100 : null,
        kind: store.kind,
        ...(circuit === null ? {} : { circuit: circuit() }),
        // The reason names hosts, which callers without a key may not read; it is in the log of requests that fail.
        detail: isUp ? null : "The store of datasets does not answer.",
      };
    },
  };
}
