import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { lockHolder } from "../../../internal/instance-lock.ts";
import { databaseAccount } from "./account.ts";
import { type Address, addressOf } from "./embedded-postgres.ts";
import { readInstance } from "./instance-file.ts";
import { prepareLayout } from "./layout.ts";

export interface InstanceOptions {
  readonly dataDir: string;
  readonly systemDir: string;
  readonly accountName: string;
}

export type FoundInstance =
  /** There is no database in the folder. */
  | { readonly state: "none" }
  | { readonly state: "stopped" }
  /** A server has started it: the owner's address. */
  | { readonly state: "running"; readonly owner: Address };

/** The embedded database of a data folder, for who does not start it. @throws StartError */
export async function findInstance(options: InstanceOptions): Promise<FoundInstance> {
  const instance = await readInstance(join(options.dataDir, "postgres"));
  if (instance === null) return { state: "none" };
  const found = await lstat(join(instance.location, "cluster")).catch(() => null);
  if (found === null || !instance.isComplete) return { state: "none" };
  if (lockHolder(join(instance.location, "server.lock")) === null) return { state: "stopped" };
  const account = databaseAccount(options.accountName);
  const layout = await prepareLayout({ dataDir: options.dataDir, systemDir: options.systemDir, account });
  return { state: "running", owner: addressOf(layout, "owner") };
}
