import { randomBytes } from "node:crypto";

/** Of this process alone: two servers' request ids never meet. */
const processPart = randomBytes(12).toString("hex");
let count = 0;

/** A request id: unique, and cheap enough to make one for every request. It names nothing that is stored. */
export function newRequestId(): string {
  count++;
  return `req-${processPart}-${count.toString(36)}`;
}
