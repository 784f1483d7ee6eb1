import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { StreamTarget } from "../dynamodb/stream/open-stream.ts";
import type { Route } from "../gateway/route-table.ts";
import type { OwnHandler } from "../lambda/own-functions.ts";
import type { Clock } from "../ports/clock.ts";

/** How the stack is started. */
export interface LocalStackOptions {
  /** 0: any free one. */
  readonly port: number;
  /** A folder, or `:memory:`. */
  readonly data: string;
  /** The folder of the user's functions. */
  readonly functions?: string;
  /** The folder of flows that are published at start. */
  readonly flows?: string;
  /** The workspace that exists from the start; `demo` unless said otherwise. */
  readonly workspace?: string;
  /** Of one invocation of a user's function, in milliseconds of real time; Lambda's 15 minutes unless said otherwise. */
  readonly functionTimeout?: number;
  /** How long a move of the clock waits for what makes no progress, in milliseconds of real time; two seconds unless said otherwise. */
  readonly patience?: number;
}

/** A running stack, as those who prepare it see it. */
export interface RunningStack {
  /** Requests are answered, though the stack is not yet called ready. */
  readonly url: string;
  readonly clock: Clock;
  readonly workspace: string;
  readonly options: LocalStackOptions;
  /** An access token of the local issuer. */
  token(user: string): Promise<string>;
}

/** What the stack runs: the product's own parts, as it is told of them. */
export interface Composition {
  /** By name; each name begins with `sluice-`. */
  readonly functions: Readonly<Record<string, OwnHandler>>;
  /** `function` is a name of `functions`. */
  readonly routes: readonly Route[];
  readonly table: CreateTableCommandInput;
  /** The environment of the functions, beside what the AWS SDK needs. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whom the console offers to sign in as. */
  readonly users: readonly string[];
  /** The function that hears of executions' changes of status. */
  readonly statusChangeFunction: string;
  /** The function that hears of the table's changes, and of which; absent: none does. */
  readonly stream?: StreamTarget;
  /** Makes what has to exist before the first request; runs at every start. Its AWS calls go to this stack. */
  prepare(stack: RunningStack): Promise<void>;
}
