import type { STREAM_OPERATIONS } from "@tda-platform/contract/operations/streams";
import type { HandlerOf } from "../context.ts";
import { createStream } from "./stream-create.ts";
import { deleteStream } from "./stream-delete.ts";
import { flushStream } from "./stream-flush.ts";
import { listStreams } from "./stream-list.ts";
import { followStream } from "./stream-live.ts";
import { pushPoints } from "./stream-push.ts";
import { readStream } from "./stream-read.ts";
import { redriveRejected } from "./stream-redrive.ts";
import { listRejected } from "./stream-rejected.ts";
import { replayStream } from "./stream-replay.ts";
import { listStreamResults } from "./stream-results.ts";
import { refuseNoSocket } from "./stream-socket.ts";
import { pauseStream, resumeStream } from "./stream-status.ts";
import { updateStream } from "./stream-update.ts";

export const STREAM_HANDLERS = {
  "stream.create": createStream,
  "stream.list": listStreams,
  "stream.read": readStream,
  "stream.update": updateStream,
  "stream.delete": deleteStream,
  "stream.push": pushPoints,
  "stream.flush": flushStream,
  "stream.pause": pauseStream,
  "stream.resume": resumeStream,
  "stream.replay": replayStream,
  "stream.results": listStreamResults,
  "stream.results_live": followStream,
  "stream.rejected": listRejected,
  "stream.redrive": redriveRejected,
  "stream.socket": refuseNoSocket,
} as const satisfies Record<keyof typeof STREAM_OPERATIONS, HandlerOf>;
