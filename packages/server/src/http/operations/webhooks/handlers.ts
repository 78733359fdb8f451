import type { WEBHOOK_OPERATIONS } from "@tda-platform/contract/operations/webhooks";
import type { HandlerOf } from "../context.ts";
import { listDeliveries } from "./deliveries-list.ts";
import { redriveDelivery } from "./deliveries-redrive.ts";
import { listSecrets } from "./secrets-list.ts";
import { rotateSecret } from "./secrets-rotate.ts";

export const WEBHOOK_HANDLERS = {
  "webhook_deliveries.list": listDeliveries,
  "webhook_deliveries.redrive": redriveDelivery,
  "webhook_secrets.list": listSecrets,
  "webhook_secrets.rotate": rotateSecret,
} as const satisfies Record<keyof typeof WEBHOOK_OPERATIONS, HandlerOf>;
