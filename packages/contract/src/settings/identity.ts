import type { SettingDefinition } from "./definition.ts";

export const IDENTITY_SETTINGS = {
  jwtSecretKey: {
    name: "JWT_SECRET_KEY",
    kind: "pem",
    default: null,
    secret: "value",
    group: "identity",
    since: "0.1.0",
    summary:
      "Private key of the built-in issuer: an RSA key of at least 2048 bits in PEM (`\\n` may stand for a line end). Unset: made at first start in `keys/jwt-signing.pem`.",
  },
  jwtAlgorithm: {
    name: "JWT_ALGORITHM",
    kind: "choice",
    choices: ["RS256"],
    default: "RS256",
    group: "identity",
    since: "0.1.0",
    summary: "Algorithm of access tokens. There is one on purpose.",
  },
} as const satisfies Record<string, SettingDefinition>;
