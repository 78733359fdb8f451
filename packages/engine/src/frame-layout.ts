/** The engine-host protocol, version 1: docs/reference/engine-host-protocol.md. Everything is little-endian. */

export const FRAME_MAGIC = 0x4641_4454;
export const PROTOCOL_VERSION = 1;
export const FRAME_HEADER_BYTES = 32;
export const REQUEST_HEAD_BYTES = 192;
/** Arrays start at multiples of this within a payload. */
export const ARRAY_ALIGNMENT = 64;

export const FRAME_TYPES = {
  hello: 1,
  request: 2,
  cancel: 3,
  progress: 4,
  diagram: 5,
  result: 6,
  estimate: 7,
  error: 8,
  ping: 9,
  pong: 10,
  representatives: 11,
  coordinates: 12,
  values: 13,
} as const;

export const OPERATIONS = {
  vietorisRips: 1,
  estimateVietorisRips: 2,
  circularCoordinates: 3,
  computeFeatures: 4,
} as const;
export type Operation = keyof typeof OPERATIONS;

/** Payload lengths of the frames that a host sends; DIAGRAM (a multiple of 16), REPRESENTATIVES, COORDINATES and VALUES (of 8) are of free length. */
export const HOST_PAYLOAD_BYTES: ReadonlyMap<number, number> = new Map([
  [FRAME_TYPES.hello, 80],
  [FRAME_TYPES.progress, 40],
  [FRAME_TYPES.result, 112],
  [FRAME_TYPES.estimate, 208],
  [FRAME_TYPES.error, 288],
  [FRAME_TYPES.pong, 24],
]);
export const BAR_BYTES = 16;
export const REPRESENTATIVES_HEAD_BYTES = 32;
export const COORDINATES_HEAD_BYTES = 128;
export const VALUES_HEAD_BYTES = 48;
