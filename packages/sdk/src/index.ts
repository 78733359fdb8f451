/** Typed client of the HTTP API: `createClient({ baseUrl, apiKey })`. */
export { type ClientOptions, createClient, type TdaClient } from "./client.ts";
export type { DatasetsClient, UploadOptions, UploadSource } from "./datasets.ts";
export { ConnectionError, ProblemError, UnexpectedAnswerError } from "./errors.ts";
export type { CallOptions, RawAnswer } from "./http.ts";
export type { IdentityClient, LoginRequest } from "./identity.ts";
export type { FollowOptions, JobEvent, JobsClient } from "./jobs.ts";
export type { RawRipsRequest } from "./rips-request.ts";
export type { StreamConnection } from "./stream-connection.ts";
export type { LiveOptions, LiveResult, PushOptions, StreamsClient } from "./streams.ts";
