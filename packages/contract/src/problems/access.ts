import type { ProblemDefinition } from "./definition.ts";

/** Who calls, and what they may. */
export const ACCESS_PROBLEMS = {
  authentication_required: {
    status: 401,
    title: "Authentication required",
    retryable: false,
    meaning: "The operation needs credentials and the request has none.",
    remedy: "Send an API key in `X-API-Key`, or an access token in `Authorization: Bearer`.",
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
    meaning:
      "The `Authorization` header carries no token that this server accepts: expired, revoked, of another issuer or audience, no access token, or not signed by RS256; or the ticket was used before.",
    remedy: "Get a new access token, or send an API key in `X-API-Key`.",
  },
  permission_denied: {
    status: 403,
    title: "Not allowed",
    retryable: false,
    meaning: "The caller's role or the credential's scope does not include this operation.",
    remedy: "Use a key or an account with a role that does.",
  },
  invalid_credentials: {
    status: 401,
    title: "Credentials not accepted",
    retryable: false,
    meaning: "User name and password, or client id and secret, do not belong together, or the account is closed.",
    remedy: "Check them. Ask an administrator of the project to reset the password.",
  },
  invalid_refresh_token: {
    status: 401,
    title: "Refresh token not accepted",
    retryable: false,
    meaning:
      "The refresh token is unknown, expired or revoked, or was used before. A second use ends its session, since one of the two users is not the owner.",
    remedy: "Log in again.",
  },
  too_many_attempts: {
    status: 429,
    title: "Too many attempts",
    retryable: true,
    meaning: "Too many logins failed for this user or from this address.",
    remedy: "Try again after `Retry-After` seconds.",
  },
  weak_password: {
    status: 422,
    title: "Password not accepted",
    retryable: false,
    meaning: "The password is too short, too simple, or contains the user name.",
    remedy: "Use a longer one, such as several unrelated words.",
  },
  name_taken: {
    status: 409,
    title: "Name is taken",
    retryable: false,
    meaning: "Another user has this name, or the user is a member already.",
    remedy: "Choose another name.",
  },
  count_limit_exceeded: {
    status: 422,
    title: "Too many of these",
    retryable: false,
    meaning: "The project has as many API keys or members, or the service as many projects, as the limit allows.",
    remedy: "Remove what is no longer used.",
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
