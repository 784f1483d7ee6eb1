import type { Command } from "commander";
import type { ExitCode } from "../exit-codes.ts";
import { Api } from "../http/api.ts";
import { type Connection, type ConnectionOptions, connectionFor } from "../session/connection.ts";
import { Profiles } from "../session/profiles.ts";
import { Terminal } from "../terminal/terminal.ts";

interface CommonOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** What a command works with. */
export interface Tools {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly profiles: Profiles;
  /** As the options, the environment and the profile say, in this order. */
  readonly connection: () => Connection;
  readonly api: () => Api;
}

/** How a process ends is the commands' result; commander itself has no place for it. */
export interface Outcome {
  code: ExitCode;
}

/** A command that does something, with the options that all of them have, and examples under its help. */
export const leaf = (parent: Command, usage: string, description: string, ...examples: string[]): Command =>
  parent
    .command(usage)
    .description(description)
    .option("--json", "print one JSON document")
    .option("--profile <name>", "signed-in profile to use (SLUICE_PROFILE)")
    .option("--url <url>", "address of the API (SLUICE_URL)")
    .option("--workspace <workspace>", "workspace to work in (SLUICE_WORKSPACE)")
    .addHelpText(
      "after",
      `\nExample${examples.length === 1 ? "" : "s"}:\n${examples.map((example) => `  $ ${example}`).join("\n")}`,
    );

/** A command that only holds others. */
export const branch = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description);

const toolsFor = (options: CommonOptions): Tools => {
  const { env } = process;
  const profiles = new Profiles(env);
  const connection = () => connectionFor(options, env, profiles);
  return {
    env,
    terminal: new Terminal(options.json === true, env),
    profiles,
    connection,
    api: () => new Api(connection()),
  };
};

export type Act<O, A extends readonly (string | undefined)[]> = (
  tools: Tools,
  options: O & CommonOptions,
  ...args: A
) => Promise<ExitCode | undefined>;

/** Commander hands over the arguments, then the options, then the command. */
export const perform =
  <O, A extends readonly (string | undefined)[]>(outcome: Outcome, act: Act<O, A>) =>
  async (...passed: unknown[]): Promise<void> => {
    const options = passed.at(-2) as O & CommonOptions;
    const args = passed.slice(0, -2) as unknown as A;
    outcome.code = (await act(toolsFor(options), options, ...args)) ?? 0;
  };
