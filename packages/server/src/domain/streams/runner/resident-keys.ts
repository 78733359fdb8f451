import { recordKey } from "@tda-platform/contract/events/topics";
import { RecencyMap } from "../../../internal/recency-map.ts";
import type { KeyName } from "./ports.ts";
import type { RunningKey } from "./running-key.ts";

/** Keys of a partition that are in memory; those that were used longest ago go, once they are saved and nothing of them is under way. */
export class ResidentKeys {
  readonly #keys = new Map<string, RunningKey>();
  readonly #used = new RecencyMap<string, null>();
  readonly #limitBytes: number;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Uses it. */
  get(name: KeyName): RunningKey | undefined {
    const text = nameText(name);
    const key = this.#keys.get(text);
    if (key !== undefined) this.#used.set(text, null);
    return key;
  }

  add(key: RunningKey): void {
    const text = nameText(key.name);
    this.#keys.set(text, key);
    this.#used.set(text, null);
  }

  all(): Iterable<RunningKey> {
    return this.#keys.values();
  }

  /** Lets go of what is too much. Takes time in the number of keys: for after a checkpoint. */
  evict(): void {
    let bytes = 0;
    for (const key of this.#keys.values()) bytes += key.bytes;
    for (let looks = this.#keys.size; looks > 0 && bytes > this.#limitBytes; looks--) {
      const text = this.#used.oldest?.key as string;
      const key = this.#keys.get(text) as RunningKey;
      if (!key.isIdle) {
        this.#used.set(text, null);
        continue;
      }
      bytes -= key.bytes;
      this.#keys.delete(text);
      this.#used.delete(text);
    }
  }
}

function nameText({ streamId, key }: KeyName): string {
  return recordKey(streamId, key);
}
