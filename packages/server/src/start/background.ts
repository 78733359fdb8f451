import type { Database } from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import { Eraser } from "../domain/erasure/eraser.ts";
import { Deliverer } from "../domain/webhooks/deliverer.ts";
import type { WebhookSecrets } from "../domain/webhooks/delivery-queue.ts";
import type { Logger } from "../internal/logger.ts";

export interface BackgroundOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly database: Database;
  readonly secrets: WebhookSecrets;
  readonly deleteBlob: (projectId: string, blobId: string) => Promise<void>;
  readonly forgetCached: (projectId: string) => Promise<void>;
  readonly logger: Logger;
}

/** What an instance with the role `work` does besides its jobs: it delivers webhooks and carries erasures through. */
export interface Background {
  stop(): Promise<void>;
}

export function startBackground(options: BackgroundOptions): Background {
  const { settings, version, database, secrets, deleteBlob, forgetCached, logger } = options;
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
  });
  const eraser = new Eraser({ store: database.erasureStore, deleteBlob, forgetCached, logger });
  deliverer.start();
  eraser.start();
  return {
    stop: async () => {
      await Promise.all([deliverer.stop(), eraser.stop()]);
    },
  };
}
