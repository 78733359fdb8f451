import { randomInt } from "node:crypto";
import { newBucket, newDatabase, type ServiceAddresses, serverEnvironment } from "@tda-platform/services";

const text = process.env.TDA_ACCEPTANCE_SERVICES;
const services = text === undefined ? undefined : (JSON.parse(text) as ServiceAddresses);

/** Whether the servers of this run use PostgreSQL, Redis and S3 servers of their own instead of what is embedded. */
export const isDistributed = services !== undefined;

const known = new Map<string, Promise<Readonly<Record<string, string>>>>();

/**
 * Settings of a server for its stores: none when they are embedded; else an empty database, cache and bucket for each data
 * folder, and the same ones again for the same folder. As there, a new folder is a new platform.
 */
export function backendsOf(dataDir: string): Promise<Readonly<Record<string, string>>> {
  if (services === undefined) return Promise.resolve({});
  const settings = known.get(dataDir) ?? newBackends(services);
  known.set(dataDir, settings);
  return settings;
}

async function newBackends({ postgres, redis, s3, oidc }: ServiceAddresses): Promise<Readonly<Record<string, string>>> {
  return serverEnvironment({
    ...(postgres && { postgres: { ...postgres, ...(await newDatabase(postgres)) } }),
    ...(redis && { redis: { url: `${redis.url}/${randomInt(1, 4096)}` } }),
    ...(s3 && { s3: { ...s3, bucket: await newBucket(s3) } }),
    ...(oidc && { oidc }),
  }).values;
}
