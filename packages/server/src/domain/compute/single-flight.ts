/** Everyone who waited for the work has left. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";

  constructor() {
    super("Everyone who waited has left.");
  }
}

interface Flight<Result> {
  readonly result: Promise<Result>;
  readonly controller: AbortController;
  waiting: number;
}

/** Does equal work once: whoever asks for a key in progress waits for it. The work is cancelled when the last one leaves. */
export class SingleFlight<Result> {
  readonly #flights = new Map<string, Flight<Result>>();

  get inProgress(): number {
    return this.#flights.size;
  }

  /**
   * The result of the work in progress under the key, or of new work. `signal` is the caller's own: when it fires the call
   * rejects with Abandoned, and the work goes on if someone else waits.
   */
  async join(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (signal.aborted) throw new Abandoned();
    const flight = this.#flights.get(key) ?? this.#begin(key, work);
    flight.waiting++;
    return await new Promise<Result>((resolve, reject) => {
      const leave = () => {
        this.#leave(key, flight);
        reject(new Abandoned());
      };
      signal.addEventListener("abort", leave, { once: true });
      flight.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<Result>): Flight<Result> {
    const controller = new AbortController();
    const flight = { result: work(controller.signal), controller, waiting: 0 };
    this.#flights.set(key, flight);
    const end = () => this.#remove(key, flight);
    flight.result.then(end, end);
    return flight;
  }

  #leave(key: string, flight: Flight<Result>): void {
    if (--flight.waiting > 0) return;
    // Whoever comes now must not join work that is being cancelled.
    this.#remove(key, flight);
    flight.controller.abort(new Abandoned());
  }

  #remove(key: string, flight: Flight<Result>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
