import type { functions } from "../../../infra/functions.ts";
import type { AwsCall } from "../harness/proof-stack.ts";
import type { World } from "./world.ts";

type FunctionKey = keyof typeof functions;

/** A path that a handler takes, brought to the point where it is about to. */
export interface Scenario {
  readonly name: string;
  /** Of the invocation that is struck. */
  readonly handler: FunctionKey;
  /** Of an API function: method and path in the workspace, as infra/routes.ts has them. */
  readonly route?: string;
  /** How often three quarters of an hour pass before its point; absent: never. */
  readonly stages?: number;
  readonly prepare: (world: World) => Promise<Prepared>;
}

export interface Prepared {
  /** Which of the handler's invocations is meant: asked of its event as JSON text. */
  readonly matches: (event: string) => boolean;
  /** What is done after each of the scenario's stages. */
  readonly stages?: readonly (() => Promise<unknown>)[];
  /** What makes the handler be called; absent: time alone does. */
  readonly act?: () => Promise<unknown>;
  /** Calls that are not counted. */
  readonly besides?: (call: AwsCall) => boolean;
  /** What is wrong, once the sweeper has been and before anybody acts. `told`: what `act` answered. */
  readonly standing?: (told: unknown) => Promise<readonly string[]>;
  /** What a person does in the end, beside resuming flows and runs and answering what waits for them. */
  readonly end?: () => Promise<unknown>;
  /** Alone due in the sweep that is struck. */
  readonly sweeps?: readonly string[];
}
