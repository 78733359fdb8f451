import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeOwnFile } from "../../../internal/own-directory.ts";
import { StartError } from "../../../internal/start-error.ts";

export type DatabaseRole = "superuser" | "owner" | "app";

/** `postgres/instance.json` of the data folder (0600): where the database is and how to get in. */
export interface InstanceFile {
  readonly format: 1;
  readonly createdAt: string;
  /** Folder with `cluster/`: beside this file, or elsewhere when the database's account cannot reach the data folder. */
  readonly location: string;
  readonly passwords: Readonly<Record<DatabaseRole, string>>;
  /** Set once the database and its first roles exist. */
  readonly isComplete: boolean;
  /** Set once the role of what works across projects exists, which the first release did not make. */
  readonly hasSystemRole?: boolean;
}

const fileName = "instance.json";

export function newInstance(location: string): InstanceFile {
  return {
    format: 1,
    createdAt: new Date().toISOString(),
    location,
    passwords: { superuser: newPassword(), owner: newPassword(), app: newPassword() },
    isComplete: false,
  };
}

/** Hexadecimal, so that it can stand in SQL and URLs as it is. */
function newPassword(): string {
  return randomBytes(32).toString("hex");
}

/** @throws StartError when the file cannot be understood; null when there is none. */
export async function readInstance(folder: string): Promise<InstanceFile | null> {
  const path = join(folder, fileName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new StartError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
  const instance = parseInstance(text);
  if (instance === null) {
    throw new StartError(
      `${path} is damaged or of a newer release: restore it from a backup, since the database cannot be opened without it.`,
    );
  }
  return instance;
}

function parseInstance(text: string): InstanceFile | null {
  let parsed: Partial<InstanceFile>;
  try {
    parsed = JSON.parse(text) as Partial<InstanceFile>;
  } catch {
    return null;
  }
  const { format, location, passwords } = parsed;
  const roles: readonly DatabaseRole[] = ["superuser", "owner", "app"];
  const hasPasswords = roles.every((role) => /^[0-9a-f]{64}$/.test(passwords?.[role] ?? ""));
  return format === 1 && typeof location === "string" && hasPasswords ? (parsed as InstanceFile) : null;
}

export async function writeInstance(folder: string, instance: InstanceFile): Promise<void> {
  await writeOwnFile(join(folder, fileName), `${JSON.stringify(instance, null, 2)}\n`, 0o600);
}
