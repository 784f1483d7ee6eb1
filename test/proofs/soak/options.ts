export interface SoakOptions {
  /** Seconds of load. */
  readonly seconds: number;
  /** ... and on, until clients have been answered so often. */
  readonly answers: number;
  /** Seconds between two kills; 0: none. */
  readonly killEvery: number;
  /** Seconds at the end of the load without a kill, in which the memory is looked at. */
  readonly quiet: number;
  /** Share of the calls of AWS that fail, before or after they take effect. */
  readonly faults: number;
  readonly clients: number;
  readonly seed: number;
  tell(line: string): void;
}
