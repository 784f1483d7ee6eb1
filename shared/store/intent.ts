/** What still has to be done for a state change that is already written. Cleared only by its own id. */
export interface Intent {
  readonly id: string;
  /** ISO 8601; when the sweeper redoes it. */
  readonly due: string;
  /** A later intent takes in what an unfinished older one wanted. */
  readonly kinds: readonly IntentKind[];
  /** How often it was redone: spaces the redos. */
  readonly tries: number;
}
export type IntentKind = "start" | "queue" | "wake" | "stop" | "purge";
