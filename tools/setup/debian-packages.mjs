// Debian packages: installed when we may, named when we may not. Runs on Node 20.
import { spawnSync } from "node:child_process";
import { runStep, SetupError } from "./console.mjs";

export function canInstallDebianPackages() {
  return process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0;
}

/** `packages`: { name, has() } each; `who` needs them, as the sentence's subject. */
export async function requireDebianPackages(who, packages) {
  const missing = packages.filter((item) => !item.has()).map((item) => item.name);
  if (missing.length === 0) return;
  if (!canInstallDebianPackages()) {
    throw new SetupError(`${who} need ${missing.join(", ")}: install them, or run this as root on Debian.`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runStep("Updating the list of Debian packages", "apt-get", ["update"], { env });
  await runStep(
    `Installing ${missing.join(", ")}`,
    "apt-get",
    ["install", "-y", "--no-install-recommends", ...missing],
    { env },
  );
}
