/** The AWS calls that a written status change still requires. It is cleared only under its own id. */
export interface Intent {
  readonly id: string;
  /** When the sweeper performs it again. ISO 8601. */
  readonly due: string;
  /** A new intent includes the kinds of the unfinished one that it replaces. */
  readonly kinds: readonly IntentKind[];
  /** The number of times that the sweeper has performed it. The interval between attempts grows with this number. */
  readonly tries: number;
}
export type IntentKind = "start" | "queue" | "wake" | "stop" | "purge";
