import { loadSettings, SettingsError } from "../../packages/server/src/config/settings.ts";
import type { ServiceAddresses } from "./addresses.ts";

type Values<Address> = (address: Address) => Readonly<Record<string, string>>;

/** The settings of a server that uses a service. A new one is a line here. */
const settings: { readonly [Kind in keyof ServiceAddresses]-?: Values<NonNullable<ServiceAddresses[Kind]>> } = {
  postgres: ({ url, ownerUrl }) => ({ DATABASE_URL: url, TDA_DATABASE_OWNER_URL: ownerUrl }),
  redis: ({ url }) => ({ REDIS_URL: url }),
  s3: ({ endpoint, region, accessKeyId, secretAccessKey, bucket }) => ({
    TDA_S3_ENDPOINT: endpoint,
    TDA_S3_REGION: region,
    TDA_S3_ACCESS_KEY_ID: accessKeyId,
    TDA_S3_SECRET_ACCESS_KEY: secretAccessKey,
    TDA_S3_BUCKET: bucket,
  }),
  oidc: ({ issuer, audience }) => ({
    TDA_OIDC_ISSUER: issuer,
    TDA_OIDC_AUDIENCE: audience,
    TDA_OIDC_ALLOW_PRIVATE_ADDRESSES: "true",
  }),
  kafka: ({ bootstrapServers }) => ({ KAFKA_BOOTSTRAP_SERVERS: bootstrapServers }),
  registry: ({ url }) => ({ TDA_SCHEMA_REGISTRY_URL: url }),
  flink: () => ({ TDA_STREAM_RUNNER: "flink" }),
};

interface ServerEnvironment {
  readonly values: Readonly<Record<string, string>>;
  /** Services that this version of the server has no settings for, or refuses. */
  readonly unused: readonly (keyof ServiceAddresses)[];
}

/** What to set for a server that uses the services, as far as this version takes it. */
export function serverEnvironment(addresses: ServiceAddresses): ServerEnvironment {
  let values: Record<string, string> = {};
  const unused: (keyof ServiceAddresses)[] = [];
  for (const kind of Object.keys(addresses) as (keyof ServiceAddresses)[]) {
    const added = settings[kind](addresses[kind] as never);
    if (Object.keys(added).length > 0 && isTaken({ ...values, ...added })) values = { ...values, ...added };
    else unused.push(kind);
  }
  return { values, unused };
}

function isTaken(env: Readonly<Record<string, string>>): boolean {
  try {
    loadSettings(env);
    return true;
  } catch (error) {
    if (error instanceof SettingsError) return false;
    throw error;
  }
}
