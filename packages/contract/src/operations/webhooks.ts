import { MEDIA_TYPES } from "../media-types.ts";
import {
  DELIVERY_ID_SCHEMA,
  DELIVERY_LIST_QUERY_SCHEMA,
  DELIVERY_PAGE_SCHEMA,
  DELIVERY_SCHEMA,
  WEBHOOK_ROTATE_QUERY_SCHEMA,
  WEBHOOK_SECRET_SCHEMA,
  WEBHOOK_SECRETS_SCHEMA,
} from "../webhooks.ts";
import { NO_QUERY, type OperationDefinition } from "./definition.ts";

const NO_STORE = { "Cache-Control": "`no-store`." } as const;

export const WEBHOOK_OPERATIONS = {
  "webhook_deliveries.list": {
    method: "GET",
    path: "/v1/webhooks/deliveries",
    aliases: [],
    tag: "Webhooks",
    summary: "List deliveries",
    description: "What was told, or is still to be told, to the `callback_url` of jobs and alert rules; newest first.",
    permission: "webhooks.read",
    request: { bodies: {}, query: DELIVERY_LIST_QUERY_SCHEMA, headers: {} },
    response: {
      status: 200,
      description: "A page of deliveries.",
      bodies: { [MEDIA_TYPES.json]: DELIVERY_PAGE_SCHEMA },
      headers: {},
    },
    problems: ["validation_failed", "unknown_field"],
  },
  "webhook_deliveries.redrive": {
    method: "POST",
    path: "/v1/webhooks/deliveries/{delivery_id}/redrive",
    aliases: [],
    tag: "Webhooks",
    summary: "Deliver once more",
    description:
      "Attempts the delivery again at once, with the same `webhook-id` and all its attempts anew, whatever its status.",
    permission: "webhooks.manage",
    request: {
      path: { delivery_id: { ...DELIVERY_ID_SCHEMA, description: "The delivery." } },
      bodies: {},
      query: NO_QUERY,
      headers: {},
    },
    response: {
      status: 202,
      description: "The delivery, pending.",
      bodies: { [MEDIA_TYPES.json]: DELIVERY_SCHEMA },
      headers: {},
    },
    problems: ["not_found", "unknown_field", "shutting_down"],
  },
  "webhook_secrets.list": {
    method: "GET",
    path: "/v1/webhooks/secrets",
    aliases: [],
    tag: "Webhooks",
    summary: "Read the signing secrets",
    description:
      "The secrets that sign the project's webhooks now: the present one, and the one before it while both are used. None before the first webhook or rotation.",
    permission: "webhooks.manage",
    request: { bodies: {}, query: NO_QUERY, headers: {} },
    response: {
      status: 200,
      description: "The secrets.",
      bodies: { [MEDIA_TYPES.json]: WEBHOOK_SECRETS_SCHEMA },
      headers: NO_STORE,
    },
    problems: ["unknown_field"],
  },
  "webhook_secrets.rotate": {
    method: "POST",
    path: "/v1/webhooks/secrets",
    aliases: [],
    tag: "Webhooks",
    summary: "Make a new signing secret",
    description:
      "The first one of the project, or one that replaces the present one. Webhooks carry the signatures of both for the overlap, so that receivers can change over without losing one.",
    permission: "webhooks.manage",
    request: { bodies: {}, query: WEBHOOK_ROTATE_QUERY_SCHEMA, headers: {} },
    creates: true,
    response: {
      status: 201,
      description: "The new secret.",
      bodies: { [MEDIA_TYPES.json]: WEBHOOK_SECRET_SCHEMA },
      headers: NO_STORE,
    },
    problems: ["validation_failed", "unknown_field", "shutting_down"],
  },
} as const satisfies Record<string, OperationDefinition>;
