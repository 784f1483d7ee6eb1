import { startEngine } from "../../../local/dynamodb/dynoxide.ts";
import { type LocalStackOptions, startLocalStack } from "../../../local/start.ts";
import { Client, clientFor } from "../clients/client.ts";
import { HARDNESS, type HardEngine, type Hardness, startHardEngine } from "../table/hard-engine.ts";
import { type FunctionsFolder, functionsFolder } from "./functions-folder.ts";

/** A whole local stack in memory with a folder of observable user functions. */
export interface TestStack {
  readonly url: string;
  readonly functions: FunctionsFolder;
  readonly admin: Client;
  readonly operator: Client;
  as(user: string): Promise<Client>;
  close(): Promise<void>;
}

/** A function that starts a stack with these options. */
type Start = (options: LocalStackOptions) => Promise<{ readonly url: string; close(): Promise<void> }>;

/** With HARD_ENGINE, a name from `HARDNESS`, the stack's DynamoDB behaves accordingly. */
export const testStack = (...functionNames: string[]): Promise<TestStack> => {
  const hardness = Object.entries(HARDNESS).find(([name]) => name === process.env["HARD_ENGINE"]);
  return hardness === undefined ? stackOf(functionNames) : hardStack(hardness[1], ...functionNames);
};

export interface HardStack extends TestStack {
  readonly engine: HardEngine;
}

const ENDPOINT = "DYNAMODB_ENDPOINT";

/** A stack whose DynamoDB behaves accordingly. */
export const hardStack = async (hardness: Hardness, ...functionNames: string[]): Promise<HardStack> => {
  const database = await startEngine(":memory:", (line) => process.stderr.write(`${line}\n`));
  const engine = await startHardEngine(database.endpoint(), hardness);
  const before = process.env[ENDPOINT];
  process.env[ENDPOINT] = engine.endpoint;
  try {
    const stack = await stackOf(functionNames);
    const close = async () => {
      await stack.close();
      await engine.close();
      await database.close();
    };
    return { ...stack, engine, close };
  } finally {
    if (before === undefined) delete process.env[ENDPOINT];
    else process.env[ENDPOINT] = before;
  }
};

export const stackOf = async (
  functionNames: readonly string[],
  start: Start = startLocalStack,
): Promise<TestStack> => {
  const functions = functionsFolder(...functionNames);
  const stack = await start({ port: 0, data: ":memory:", functions: functions.dir });
  return {
    url: stack.url,
    functions,
    admin: await clientFor(stack.url, "admin"),
    operator: await clientFor(stack.url, "operator"),
    as: (user) => clientFor(stack.url, user),
    close: async () => {
      await stack.close();
      functions.remove();
    },
  };
};

/** A caller without a token. */
export const stranger = (stack: TestStack): Client => new Client(stack.url, undefined);
