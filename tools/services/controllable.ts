/** What a test can do to a server. */
export interface Controllable {
  readonly port: number;
  /** As `kill -9`: its connections are cut, its port refuses. */
  kill(): Promise<void>;
  /** Starts it again on the same port, killed or not, and waits until it is ready. */
  restart(): Promise<void>;
  /** Connections stay open and new ones are taken, but nothing is answered until `resume`. */
  freeze(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it in order. What it keeps goes when all services stop. */
  stop(): Promise<void>;
}
