import type { Live } from "@tda-platform/contract/service-schemas";

/** `health.live` */
export function readLiveness() {
  return async (): Promise<Live> => ({ status: "live" });
}
