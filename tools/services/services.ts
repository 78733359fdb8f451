// Real servers on free loopback ports, for tests and developers: `startServices({ postgres: true, redis: true })`.
import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceAddresses } from "./addresses.ts";
import { FlinkCluster, type FlinkOptions } from "./flink/cluster.ts";
import { KafkaCluster, type KafkaOptions } from "./kafka/cluster.ts";
import { OidcIssuer, type OidcOptions } from "./oidc.ts";
import { type PostgresOptions, PostgresServer } from "./postgres.ts";
import { type RedisOptions, RedisServer } from "./redis.ts";
import { type RegistryOptions, SchemaRegistry } from "./registry.ts";
import { S3Server } from "./s3.ts";
import { Supervisor } from "./supervisor.ts";

export type { ServiceAddresses } from "./addresses.ts";
export type { Controllable } from "./controllable.ts";
export { serverEnvironment } from "./environment.ts";
export { FaultProxy } from "./fault-proxy.ts";
export { type FlinkAddresses, FlinkClient, type JobState, type SubmitOptions } from "./flink/client.ts";
export { FlinkCluster, type FlinkOptions } from "./flink/cluster.ts";
export { freePort } from "./free-port.ts";
export { KafkaBroker } from "./kafka/broker.ts";
export { type KafkaAddresses, KafkaCluster, type KafkaOptions } from "./kafka/cluster.ts";
export { type OidcClient, OidcIssuer } from "./oidc.ts";
export { type DatabaseUrls, newDatabase, PostgresServer } from "./postgres.ts";
export { RedisServer } from "./redis.ts";
export { SchemaRegistry } from "./registry.ts";
export { newBucket, S3Server } from "./s3.ts";

export interface ServiceOptions {
  readonly postgres?: boolean | PostgresOptions;
  readonly redis?: boolean | RedisOptions;
  readonly s3?: boolean;
  readonly oidc?: boolean | OidcOptions;
  readonly kafka?: boolean | KafkaOptions;
  readonly registry?: boolean | RegistryOptions;
  readonly flink?: boolean | FlinkOptions;
}

interface Kinds {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly s3: S3Server;
  readonly oidc: OidcIssuer;
  readonly kafka: KafkaCluster;
  readonly registry: SchemaRegistry;
  readonly flink: FlinkCluster;
}

/** Those that were asked for. */
export type Services<Options extends ServiceOptions> = {
  readonly [Kind in keyof Kinds as Options[Kind] extends true | object ? Kind : never]: Kinds[Kind];
} & {
  readonly addresses: ServiceAddresses;
  /** Ends all of them and removes their data. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Not os.tmpdir(): the account that runs PostgreSQL for root may be shut out of a TMPDIR. */
const temporary = "/tmp";

/**
 * Installs what is missing, starts what is asked for, and waits until it is ready. Everything goes with this process, even
 * when it is killed.
 * @throws SetupError (one sentence) when something cannot be installed here.
 */
export async function startServices<const Options extends ServiceOptions>(
  options: Options,
): Promise<Services<Options>> {
  const supervisor = new Supervisor();
  const started: Partial<Kinds> = {};
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(started).map((service) => service.stop()));
    await supervisor.end();
  };
  try {
    const folder = await mkdtemp(join(temporary, "tda-services-"));
    await supervisor.removeAtEnd(folder);
    await chmod(folder, 0o755);
    const start = async <Kind extends keyof Kinds, Wanted>(
      kind: Kind,
      wanted: boolean | Wanted | undefined,
      starter: (folder: string, options: Wanted | undefined) => Promise<Kinds[Kind]>,
    ): Promise<void> => {
      if (wanted === undefined || wanted === false) return;
      await mkdir(join(folder, kind));
      await chmod(join(folder, kind), 0o755);
      started[kind] = await starter(join(folder, kind), wanted === true ? undefined : (wanted as Wanted));
    };
    const postgres = start("postgres", options.postgres, (home, wanted: PostgresOptions | undefined) =>
      PostgresServer.start(supervisor, home, wanted),
    );
    const starts = await Promise.allSettled([
      postgres,
      start("redis", options.redis, (home, wanted: RedisOptions | undefined) =>
        RedisServer.start(supervisor, home, wanted),
      ),
      start("s3", options.s3, (home) => S3Server.start(supervisor, home)),
      start("oidc", options.oidc, (_home, wanted: OidcOptions | undefined) => OidcIssuer.start(wanted)),
      start("kafka", options.kafka, (home, wanted: KafkaOptions | undefined) =>
        KafkaCluster.start(supervisor, home, wanted),
      ),
      start("registry", options.registry, async (home, wanted: RegistryOptions | undefined) => {
        if (wanted?.inPostgres !== true) return SchemaRegistry.start(supervisor, home, wanted);
        await postgres;
        if (started.postgres === undefined) throw new Error("a registry in PostgreSQL is started together with it");
        return SchemaRegistry.start(supervisor, home, wanted, await started.postgres.newDatabase());
      }),
      start("flink", options.flink, (home, wanted: FlinkOptions | undefined) =>
        FlinkCluster.start(supervisor, home, wanted),
      ),
    ]);
    for (const one of starts) if (one.status === "rejected") throw one.reason;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...started,
    addresses: addressesOf(started),
    stop,
    [Symbol.asyncDispose]: stop,
  } as unknown as Services<Options>;
}

function addressesOf(started: Partial<Kinds>): ServiceAddresses {
  const { postgres, redis, s3, oidc, kafka, registry, flink } = started;
  return {
    ...(postgres && { postgres: { url: postgres.url, ownerUrl: postgres.ownerUrl, adminUrl: postgres.adminUrl } }),
    ...(redis && { redis: { url: redis.url } }),
    ...(s3 && {
      s3: {
        endpoint: s3.endpoint,
        region: s3.region,
        accessKeyId: s3.accessKeyId,
        secretAccessKey: s3.secretAccessKey,
        bucket: s3.bucket,
      },
    }),
    ...(oidc && {
      oidc: {
        issuer: oidc.issuer,
        jwksUrl: oidc.jwksUrl,
        tokenUrl: oidc.tokenUrl,
        audience: oidc.audience,
        client: oidc.client,
      },
    }),
    ...(kafka && {
      kafka: { bootstrapServers: kafka.bootstrapServers, ...(kafka.secure && { secure: kafka.secure }) },
    }),
    ...(registry && { registry: { url: registry.url } }),
    ...(flink && {
      flink: {
        url: flink.url,
        checkpointFolder: flink.checkpointFolder,
        savepointFolder: flink.savepointFolder,
        metricsUrls: flink.metricsUrls,
      },
    }),
  };
}
