import { type LocalStackOptions, startLocalStack } from "../../../local/start.ts";
import { Client, clientFor } from "../clients/client.ts";
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

export const testStack = (...functionNames: string[]): Promise<TestStack> => stackOf(functionNames);

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
