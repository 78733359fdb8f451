import type { ProjectSecrets, ValueSealer } from "../ports.ts";
import { openBytes, sealBytes } from "./sealed-bytes.ts";

/**
 * Seals under the project's own secret: every instance has the same without being told another, and with the project's row
 * everything that was sealed for it is gone.
 */
export class ProjectSealer implements ValueSealer {
  readonly #secrets: ProjectSecrets;

  constructor(secrets: ProjectSecrets) {
    this.#secrets = secrets;
  }

  async seal(projectId: string, context: string, value: Uint8Array): Promise<Uint8Array> {
    return sealBytes(await this.#secrets.cacheKey(projectId), contextOf(projectId, context), value);
  }

  async open(projectId: string, context: string, sealed: Uint8Array): Promise<Uint8Array> {
    return openBytes(await this.#secrets.cacheKey(projectId), contextOf(projectId, context), sealed);
  }
}

function contextOf(projectId: string, context: string): string {
  return `tda-project/1\n${projectId}\n${context}`;
}
