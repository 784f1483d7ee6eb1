/** An event in EventBridge's format, e.g. `Step Functions Execution Status Change`. */
export interface BusEvent {
  readonly source: string;
  readonly "detail-type": string;
  /** ISO 8601. */
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}
export interface EventBus {
  /** Resolves when every target has accepted the event. If it rejects or the process dies, the caller publishes the event again. */
  publish(event: BusEvent): Promise<void>;
}
