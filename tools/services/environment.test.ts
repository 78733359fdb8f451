import { settingDefinitions } from "@tda-platform/contract/settings";
import { expect, it } from "vitest";
import { loadSettings } from "../../packages/server/src/config/settings.ts";
import type { ServiceAddresses } from "./addresses.ts";
import { serverEnvironment } from "./environment.ts";

const addresses: Required<ServiceAddresses> = {
  postgres: {
    url: "postgresql://app:p@127.0.0.1:1/tda",
    ownerUrl: "postgresql://owner:p@127.0.0.1:1/tda",
    adminUrl: "postgresql://postgres:p@127.0.0.1:1/postgres",
  },
  redis: { url: "redis://:p@127.0.0.1:2" },
  s3: { endpoint: "http://127.0.0.1:3", region: "r", accessKeyId: "i", secretAccessKey: "s", bucket: "b" },
  oidc: {
    issuer: "http://127.0.0.1:4",
    jwksUrl: "http://127.0.0.1:4/jwks",
    tokenUrl: "http://127.0.0.1:4/token",
    audience: "urn:tda:api",
    client: { clientId: "c", clientSecret: "s" },
  },
  kafka: { bootstrapServers: "127.0.0.1:5,127.0.0.1:6" },
  registry: { url: "http://127.0.0.1:7/apis/ccompat/v7" },
  flink: { url: "http://127.0.0.1:8", checkpointFolder: "/c", savepointFolder: "/s", metricsUrls: [] },
};

it("gives what the server takes, of the services that are there", () => {
  expect(serverEnvironment({ postgres: addresses.postgres })).toEqual({
    values: { DATABASE_URL: addresses.postgres.url, TDA_DATABASE_OWNER_URL: addresses.postgres.ownerUrl },
    unused: [],
  });
  const { values } = serverEnvironment(addresses);
  expect(loadSettings(values)).toMatchObject({
    databaseUrl: addresses.postgres.url,
    databaseOwnerUrl: addresses.postgres.ownerUrl,
  });
});

it("leaves no service out that the server has settings for", () => {
  const names = Object.values(settingDefinitions).map(({ name }) => name as string);
  const served = {
    s3: "TDA_S3_",
    oidc: "TDA_OIDC_",
    registry: "TDA_SCHEMA_REGISTRY_",
    flink: "TDA_STREAM_RUNNER",
  } as const;
  const expected = (Object.keys(served) as (keyof typeof served)[]).filter(
    (kind) => !names.some((name) => name.startsWith(served[kind])),
  );
  expect(serverEnvironment(addresses).unused.filter((kind) => Object.hasOwn(served, kind))).toEqual(expected);
});
