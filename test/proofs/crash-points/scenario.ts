import type { functions } from "../../../infra/functions.ts";
import type { AwsCall } from "../harness/observer.ts";
import type { ScenarioContext } from "./scenario-context.ts";

type FunctionKey = keyof typeof functions;

/** One path through a handler, prepared up to the point where the handler takes it. */
export interface Scenario {
  readonly name: string;
  /** The function that crashes. */
  readonly handler: FunctionKey;
  /** Method and path in the workspace, for a function of the API. */
  readonly route?: string;
  /** Number of intervals of 45 minutes before the crash; none by default. */
  readonly stages?: number;
  readonly prepare: (context: ScenarioContext) => Promise<Prepared>;
}

export interface Prepared {
  /** Whether this is the invocation, by its event as JSON text. */
  readonly matches: (event: string) => boolean;
  /** One action after each stage. */
  readonly stages?: readonly (() => Promise<unknown>)[];
  /** Causes the invocation; absent if time alone does. */
  readonly act?: () => Promise<unknown>;
  /** Calls that are not counted. */
  readonly ignores?: (call: AwsCall) => boolean;
  /** Violations once the sweeper has run and before any user acts, given the answer to `act`. */
  readonly check?: (answer: unknown) => Promise<readonly string[]>;
  /** A user's action at the end, in addition to resuming flows and runs and answering steps. */
  readonly end?: () => Promise<unknown>;
  /** Ids of the only items that are due in the sweep that crashes. */
  readonly sweeps?: readonly string[];
}
