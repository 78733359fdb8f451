import type { Database } from "../../src/adapters/database/open-database.ts";
import { silent } from "../../src/adapters/database/testing/records.ts";
import type { EventCodec, EventLog } from "../../src/domain/log/event-log.ts";
import { RegistryCodec } from "../../src/domain/log/registry-codec.ts";

/** The embedded log of a database. */
export async function openLog(database: Database): Promise<{ log: EventLog; codec: EventCodec }> {
  const codec = new RegistryCodec({ registry: database.schemas, prefix: "tda_", logger: silent });
  await codec.ready();
  return { log: database.openEventLog(), codec };
}
