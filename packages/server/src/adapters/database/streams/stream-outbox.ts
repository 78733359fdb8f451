/** Channels of LISTEN and NOTIFY; payloads are identifiers of streams, comma-separated. */
export const STREAM_CHANNELS = { results: "tda_stream_results", changed: "tda_streams_changed" } as const;

/** A notification carries at most 8,000 bytes; an id takes 41 with its comma. */
export const IDS_OF_NOTIFICATION = 150;

/**
 * The event of a change, from the row as it is then: `$1` project, `$2` stream, `$3` version of the row, `$4` type, `$5` the
 * definition as the log gets it.
 */
export const INSERT_STREAM_EVENT = `insert into tda.outbox (project_id, topic, aggregate_id, version, lane, type, payload)
  values ($1, 'streams', $2::text, $3, get_byte(sha256(convert_to($2::text, 'UTF8')), 0) & 63, $4, $5)`;
