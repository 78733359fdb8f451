import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** Not os.tmpdir(): socket addresses are short, and a TMPDIR may be closed to the account that runs PostgreSQL for root. */
const parent = "/tmp";

export interface TemporaryDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** A fresh folder; 0755 lets the database's account pass when the tests run as root, 0700 does not. */
export async function temporaryDir(mode: 0o755 | 0o700 = 0o700): Promise<TemporaryDir> {
  const path = await mkdtemp(join(parent, "tda-test-"));
  await chmod(path, mode);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
