/** What others may act on: Sluice's own events, as they go to the bus. */
export interface Events {
  /** Throws unless the bus has taken the event; then it may come twice. `at`: epoch milliseconds. */
  put(event: OwnEvent, at: number): Promise<void>;
}

interface OwnEvent {
  readonly type: "Flow resumes soon";
  readonly detail: Readonly<Record<string, unknown>>;
}
