import type { Static } from "typebox";
import { idPattern } from "./identifiers.ts";
import { WEBHOOK_OVERLAP_SECONDS, WEBHOOK_OVERLAP_SECONDS_MAX } from "./limits.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "./pages.ts";

/** What a webhook tells: the end of a job, or an alert of a stream. */
export const WEBHOOK_TYPES = ["job.completed", "job.failed", "job.cancelled", "stream.alert"] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** `pending` is waiting for its next attempt; `dead` has failed for the last time and can be redriven. */
export const DELIVERY_STATUSES = ["pending", "delivered", "dead"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Why the last attempt failed. What the host answered beyond its status is never told. */
export const DELIVERY_ERRORS = [
  "url_not_allowed",
  "address_not_allowed",
  "timeout",
  "tls_failed",
  "connection_failed",
  "status_refused",
] as const;
export type DeliveryError = (typeof DELIVERY_ERRORS)[number];

const time = { type: "string", format: "date-time" } as const;
const timeOrNull = { type: ["string", "null"], format: "date-time" } as const;

export const DELIVERY_ID_SCHEMA = { type: "string", pattern: idPattern("dlv") } as const;

export const DELIVERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "id",
    "type",
    "job_id",
    "stream_id",
    "url",
    "status",
    "attempts",
    "response_status",
    "error",
    "created_at",
    "last_attempt_at",
    "next_attempt_at",
    "delivered_at",
  ],
  properties: {
    id: { ...DELIVERY_ID_SCHEMA, description: "Also the `webhook-id` of every attempt." },
    type: { type: "string", enum: WEBHOOK_TYPES },
    job_id: { type: ["string", "null"], pattern: idPattern("job"), description: "null: of no job." },
    stream_id: { type: ["string", "null"], pattern: idPattern("str"), description: "null: of no stream." },
    url: { type: "string", description: "The `callback_url` of the job, or of the stream's alert rule." },
    status: { type: "string", enum: DELIVERY_STATUSES },
    attempts: { type: "integer", minimum: 0 },
    response_status: { type: ["integer", "null"], description: "HTTP status of the last answer." },
    error: { type: ["string", "null"], enum: [...DELIVERY_ERRORS, null], description: "Why the last attempt failed." },
    created_at: time,
    last_attempt_at: timeOrNull,
    next_attempt_at: { ...timeOrNull, description: "Of a pending delivery." },
    delivered_at: timeOrNull,
  },
} as const;
export type Delivery = Static<typeof DELIVERY_SCHEMA>;

export const DELIVERY_PAGE_SCHEMA = pageSchema(DELIVERY_SCHEMA);

export const DELIVERY_LIST_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...PAGE_QUERY_PROPERTIES,
    status: { type: "string", enum: DELIVERY_STATUSES, description: "Only deliveries of this status." },
    job_id: { type: "string", pattern: idPattern("job"), description: "Only deliveries of this job." },
    stream_id: { type: "string", pattern: idPattern("str"), description: "Only deliveries of this stream." },
  },
} as const;
export type DeliveryListQuery = Static<typeof DELIVERY_LIST_QUERY_SCHEMA>;

export const WEBHOOK_SECRET_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "secret", "created_at", "expires_at"],
  properties: {
    id: { type: "string", pattern: idPattern("whs") },
    secret: { type: "string", description: "`whsec_` and 256 random bits in base64, as Standard Webhooks wants them." },
    created_at: time,
    expires_at: { ...timeOrNull, description: "null: the present one. Otherwise until when it still signs beside it." },
  },
} as const;
export type WebhookSecret = Static<typeof WEBHOOK_SECRET_SCHEMA>;

export const WEBHOOK_SECRETS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["items"],
  properties: { items: { type: "array", maxItems: 2, items: WEBHOOK_SECRET_SCHEMA } },
} as const;

export const WEBHOOK_ROTATE_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    overlap_seconds: {
      type: "integer",
      minimum: 0,
      maximum: WEBHOOK_OVERLAP_SECONDS_MAX,
      default: WEBHOOK_OVERLAP_SECONDS,
      description: "How long webhooks are signed with the old secret as well.",
    },
  },
} as const;
export type WebhookRotateQuery = Static<typeof WEBHOOK_ROTATE_QUERY_SCHEMA>;
