import type { FlinkAddresses } from "./flink/client.ts";
import type { KafkaAddresses } from "./kafka/cluster.ts";
import type { OidcAddresses } from "./oidc.ts";
import type { PostgresAddresses } from "./postgres.ts";
import type { RedisAddresses } from "./redis.ts";
import type { RegistryAddresses } from "./registry.ts";
import type { S3Addresses } from "./s3.ts";

/** How to reach them: plain data, which may go to another process. */
export interface ServiceAddresses {
  readonly postgres?: PostgresAddresses;
  readonly redis?: RedisAddresses;
  readonly s3?: S3Addresses;
  readonly oidc?: OidcAddresses;
  readonly kafka?: KafkaAddresses;
  readonly registry?: RegistryAddresses;
  readonly flink?: FlinkAddresses;
}
