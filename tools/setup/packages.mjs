// The npm packages of the lockfile, and with them the pinned Node. Runs on Node 20, before node_modules exists.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runStep, SetupError } from "./console.mjs";
import { digestOf, isStampCurrent, writeStamp } from "./stamp.mjs";

const minimumNode = [22, 18];

export async function installPackages(root) {
  const stamp = join(root, "node_modules", ".tda-installed");
  const digest = digestOf([join(root, "package-lock.json")], `${process.platform}-${process.arch}`);
  if (isStampCurrent(stamp, digest) && existsSync(pinnedNode(root) ?? stamp)) return;
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  // Not `npm ci`: it refuses a lockfile without the optional packages of platforms that the registry at hand does not carry.
  // With --no-save the lockfile decides all the same, and stays as it is.
  const install = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  await runStep("Installing packages", command, [...args, ...install], {
    cwd: root,
    hint: "is the npm registry reachable? (its output is above)",
  });
  writeStamp(stamp, digest);
}

function pinnedNode(root) {
  const path = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  return existsSync(path) ? path : undefined;
}

/** The pinned Node where its package exists for this platform, else the running one if it is new enough. */
export function findNode(root) {
  const pinned = pinnedNode(root);
  if (pinned) return pinned;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return process.execPath;
  throw new SetupError(
    `There is no pinned Node.js package for ${process.platform}-${process.arch}: install Node.js ${minimumNode.join(".")} or newer.`,
  );
}
