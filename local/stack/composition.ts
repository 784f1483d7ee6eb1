import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { StreamTarget } from "../dynamodb/stream/open-stream.ts";
import type { OwnCall } from "../gateway/aws-mount.ts";
import type { Route } from "../gateway/route-table.ts";
import type { OwnHandler } from "../lambda/own-functions.ts";
import type { Clock } from "../ports/clock.ts";

/** Options of the stack. */
export interface LocalStackOptions {
  /** 0: any free port. */
  readonly port: number;
  /** A folder, or `:memory:`. */
  readonly data: string;
  /** The folder of the user's functions. */
  readonly functions?: string;
  /** The folder of flows that are published at start. */
  readonly flows?: string;
  /** The folder of stubs that answer flows' calls to services. */
  readonly stubs?: string;
  /** The workspace that exists from the start; `demo` by default. */
  readonly workspace?: string;
  /**
   * The resources that flows may use in addition to Lambda functions, as in the deployment's parameter `allowedResources`; by
   * default none.
   */
  readonly allow?: readonly string[];
  /** Patterns of the names of state machines that may be attached, as in the deployment's parameter `attachable`. All by default. */
  readonly attachable?: readonly string[];
  /** Milliseconds of real time for one invocation of a user's function; Lambda's 15 minutes by default. */
  readonly functionTimeout?: number;
  /** Milliseconds of real time for which an advance of the clock waits for work that makes no progress; two seconds by default. */
  readonly patience?: number;
}

/** The stack while it is being prepared. */
export interface RunningStack {
  /** Already answers requests, although the stack is not ready yet. */
  readonly url: string;
  readonly clock: Clock;
  readonly workspace: string;
  readonly options: LocalStackOptions;
  /** An access token of the local issuer. */
  token(user: string): Promise<string>;
  /** Replaces what sends records to a flow, by the value of its file. Throws an error that says what is wrong with it. */
  declareSources(flowId: string, declaration: unknown): Promise<void>;
  /** Runs when the stack closes, before its parts do. */
  onClose(close: () => unknown): void;
}

/** The product's parts that a stack runs. */
export interface Composition {
  /** By name; each name begins with `sluice-`. */
  readonly functions: Readonly<Record<string, OwnHandler>>;
  /** Whether a function's role allows its call of an AWS service; the others are denied, as on AWS. */
  readonly isGranted: (call: OwnCall) => boolean;
  /** `function` is a key of `functions`. */
  readonly routes: readonly Route[];
  readonly table: CreateTableCommandInput;
  /** The environment of the functions, in addition to the AWS SDK's settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** The users that the console's sign-in page offers. */
  readonly users: readonly string[];
  /** The function that receives executions' status changes. */
  readonly statusChangeFunction: string;
  /** The function that takes in what the user's events, queues and buckets send to flows. It has an alias for each workspace. */
  readonly intakeFunction: string;
  /** The table's stream and its function, if there is one. */
  readonly stream?: StreamTarget;
  /** Creates everything that must exist before the first request. Runs at every start. Its AWS calls go to this stack. */
  prepare(stack: RunningStack): Promise<void>;
}
