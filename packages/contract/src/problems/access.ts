import type { ProblemDefinition } from "./definition.ts";

/** Who calls, and what they may. */
export const ACCESS_PROBLEMS = {
  authentication_required: {
    status: 401,
    title: "Authentication required",
    retryable: false,
    meaning: "The operation needs credentials and the request has none.",
    remedy: "Send an API key in `X-API-Key`.",
  },
  invalid_api_key: {
    status: 401,
    title: "API key not accepted",
    retryable: false,
    meaning: "The API key is unknown, expired or revoked.",
    remedy: "Check the key, or make a new one.",
  },
  invalid_token: {
    status: 401,
    title: "Token not accepted",
    retryable: false,
    meaning: "The `Authorization` header carries no token that this server accepts.",
    remedy: "Send an API key in `X-API-Key`.",
  },
  permission_denied: {
    status: 403,
    title: "Not allowed",
    retryable: false,
    meaning: "The caller's role does not include this operation.",
    remedy: "Use a key with a role that does.",
  },
  host_not_allowed: {
    status: 403,
    title: "Host is not loopback",
    retryable: false,
    meaning:
      "Authentication is off and the `Host` header does not name the loopback interface (a guard against DNS rebinding).",
    remedy: "Call the server as localhost, 127.0.0.1 or [::1], or turn authentication on.",
  },
  origin_not_allowed: {
    status: 403,
    title: "Origin is not loopback",
    retryable: false,
    meaning: "Authentication is off and a page of another site made the request (`Origin` or `Sec-Fetch-Site`).",
    remedy: "Turn authentication on to use the server from web pages.",
  },
  forwarding_not_allowed: {
    status: 403,
    title: "Forwarded request refused",
    retryable: false,
    meaning: "Authentication is off and the request came through a proxy (`Forwarded`, `X-Forwarded-*`, `X-Real-IP`).",
    remedy: "Turn authentication on before putting a proxy in front of the server.",
  },
} as const satisfies Record<string, ProblemDefinition>;
