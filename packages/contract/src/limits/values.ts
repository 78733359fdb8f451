/** The engine's highest dimension (`TDA_MAX_DIMENSION` of tda.h); the setting may lower it. */
export const ENGINE_MAX_DIMENSION = 16;
/** The largest prime below 2^15. */
export const MAX_COEFFICIENT_FIELD = 32_749;
/** Deeper JSON is refused before it is parsed: a recursive parser's stack is not the client's to fill. */
export const MAX_JSON_DEPTH = 32;
export const MAX_COMPRESSION_RATIO = 100;
export const MAX_HEADER_BYTES = 16_384;
export const MAX_THREADS = 256;
/** Places listed in one problem document. */
export const MAX_PROBLEM_PLACES = 16;
/** Larger bodies are parsed by a worker thread, so that no request holds up the others for more than milliseconds. */
export const INLINE_PARSE_BYTES = 1_048_576;
/** Simplices of all cocycles or cycles of one answer: about 100 MB of JSON. */
export const MAX_CHAIN_SIMPLICES = 4_000_000;
/** Time for a request's headers, and for all of it, to arrive. */
export const HEADERS_TIMEOUT_SECONDS = 20;
export const REQUEST_TIMEOUT_SECONDS = 300;
/** An estimate may be off by this factor before a synchronous computation is given up. */
export const SYNC_DEADLINE_FACTOR = 10;
/** Computations in progress beyond which a server admits none that waits (setting) and how soon to ask again. */
export const RETRY_AFTER_SECONDS = 2;

/** Jobs of one batch, and jobs that one request cancels by filter. */
export const JOB_BATCH_LIMIT = 1_000;
export const JOB_CANCEL_LIMIT = 1_000;
/** Priorities go from minus this to this. */
export const JOB_PRIORITY_LIMIT = 100;
/** Longest deadline and processor time of a job: a year. */
export const MAX_JOB_SECONDS = 31_536_000;
/** Streams of events that one process serves at the same time. */
export const EVENT_STREAM_LIMIT = 1_000;
/** After so long a stream ends, and who follows it comes back. */
export const EVENT_STREAM_SECONDS = 600;
/** A job that fails for reasons not its own waits this long for its next attempt, twice as long each time, at most so long. */
export const JOB_RETRY = { firstSeconds: 0.5, longestSeconds: 300 } as const;
/** Longest record of a CSV file that is inspected as it arrives. */
export const MAX_CSV_RECORD_BYTES = 16_777_216;
/** Largest message of an Arrow stream, and column chunk of a Parquet row group: what an inspection holds at a time. */
export const MAX_BATCH_BYTES = 67_108_864;
/** Columns of a columnar file. */
export const MAX_TABLE_COLUMNS = 16_384;
/** Answers to requests with an `Idempotency-Key`. */
export const IDEMPOTENCY_HOURS = 24;
export const IDEMPOTENCY_ANSWER_BYTES = 4_194_304;

/** Items of a page of a list. */
export const PAGE_DEFAULT_ITEMS = 50;
export const PAGE_MAX_ITEMS = 200;

/** Of a password; what makes it hard to guess is length. */
export const PASSWORD_MIN_CHARACTERS = 12;
export const PASSWORD_MAX_CHARACTERS = 256;
/** Failed logins in `LOGIN_WINDOW_SECONDS`: of one user from one address, of one address, of one user from anywhere. */
export const LOGIN_ATTEMPTS = { userAtAddress: 10, address: 100, user: 100 } as const;
export const LOGIN_WINDOW_SECONDS = 900;
export const TICKET_SECONDS = 60;
export const MAX_KEYS_PER_PROJECT = 1_000;
export const MAX_MEMBERS_PER_PROJECT = 10_000;
export const MAX_PROJECTS = 10_000;
export const MAX_KEY_OVERLAP_SECONDS = 604_800;
/** A revoked credential is refused after at most this; usually at once. */
export const REVOCATION_SECONDS = 60;
/** Seconds for which a webhook secret that was replaced still signs: unless told, and at most. */
export const WEBHOOK_OVERLAP_SECONDS = 86_400;
export const WEBHOOK_OVERLAP_SECONDS_MAX = 604_800;
/** Webhooks to one host at the same time, from each instance. */
export const WEBHOOKS_PER_HOST = 4;
/** What is read of a webhook's answer. */
export const WEBHOOK_RESPONSE_BYTES = 4_096;

/** Points of one request to a stream: their parts stay far below what a key remembers of batches. */
export const STREAM_REQUEST_POINTS = 100_000;
/** UTF-16 units of a key. */
export const STREAM_KEY_CHARACTERS = 256;
export const STREAM_POINT_DIMENSION = 1_024;
/** Largest `max_points_per_window`: some seconds of the engine in dimension 1. */
export const STREAM_WINDOW_POINTS = 5_000;
/** Longest window, gap, lateness and idle time: a year. */
export const STREAM_DURATION_MS = 31_536_000_000;
export const STREAM_REVISIONS = 100;
export const STREAM_ALERT_RULES = 16;
export const STREAM_REDRIVE_POINTS = 1_000;
export const STREAM_REPLAY_POINTS = 10_000_000;
/** WebSockets that one process serves at the same time, the largest message of one, and its messages in progress. */
export const STREAM_SOCKET_LIMIT = 1_000;
export const STREAM_SOCKET_MESSAGE_BYTES = 1_048_576;
export const STREAM_SOCKET_MESSAGES = 16;
