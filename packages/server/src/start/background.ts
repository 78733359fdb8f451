import type { Database } from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import { Eraser } from "../domain/erasure/eraser.ts";
import type { ResultCache } from "../domain/ports.ts";
import { Deliverer } from "../domain/webhooks/deliverer.ts";
import type { WebhookSecrets } from "../domain/webhooks/delivery-queue.ts";
import type { Logger } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";
import type { DatasetStorage } from "./dataset-storage.ts";

export interface BackgroundOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly database: Database;
  readonly secrets: WebhookSecrets;
  readonly datasets: Pick<DatasetStorage, "deleteBlob">;
  readonly cache: Pick<ResultCache, "invalidate">;
  readonly metrics: Pick<Metrics, "countWebhookAttempt">;
  readonly logger: Logger;
}

/** What an instance with the role `work` does besides its jobs: it delivers webhooks and carries erasures through. */
export interface Background {
  stop(): Promise<void>;
}

export function startBackground(options: BackgroundOptions): Background {
  const { settings, version, database, secrets, datasets, cache, metrics, logger } = options;
  const deliverer = new Deliverer({
    queue: database.deliveryQueue,
    secrets,
    policy: {
      addresses: settings.webhookAllowPrivateAddresses ? "private-too" : "public",
      allowsHttp: settings.webhookAllowHttp,
    },
    concurrency: settings.webhookConcurrency,
    maxAttempts: settings.webhookMaxAttempts,
    timeoutMs: settings.webhookTimeoutMs,
    retentionDays: settings.webhookRetentionDays,
    version,
    logger,
    onAttempt: (end) => metrics.countWebhookAttempt(end),
  });
  const eraser = new Eraser({
    store: database.erasureStore,
    deleteBlob: (projectId, id) => datasets.deleteBlob({ projectId, id }),
    forgetCached: (projectId) => cache.invalidate(projectId),
    logger,
  });
  deliverer.start();
  eraser.start();
  return {
    stop: async () => {
      await Promise.all([deliverer.stop(), eraser.stop()]);
    },
  };
}
