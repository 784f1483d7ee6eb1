import type { Command } from "commander";
import { createClient } from "../../shared/client/client.ts";
import type { Client } from "../../shared/client/operations.ts";
import { EXIT, type ExitCode, usage } from "../failure.ts";
import { type Connection, type ConnectionOptions, connectionFor } from "../session/connection.ts";
import { Profiles } from "../session/profiles.ts";
import { Terminal } from "../terminal/terminal.ts";

interface CommonOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** The environment in which a command runs. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly profiles: Profiles;
  /** From the options, the environment or the profile, in this order. */
  readonly connection: () => Connection;
  readonly api: () => Client;
}

/** The exit code of the command that ran, by its root command. Commander has no field for it. */
const exitCodes = new WeakMap<Command, ExitCode>();

export const exitCodeIn = (program: Command): ExitCode => exitCodes.get(program) ?? EXIT.ok;

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

type LeafParts = readonly [
  parent: Command,
  syntax: string,
  description: string,
  ...examples: readonly string[],
];

/** Adds the options that say which service a command calls. They may stand before the command too. */
export const withConnection = (command: Command): Command =>
  command
    .option("--profile <name>", "profile to use (SLUICE_PROFILE)")
    .option("--url <url>", "address of the API (SLUICE_URL)")
    .option("--workspace <workspace>", "workspace to use (SLUICE_WORKSPACE)");

/** Adds a command with the common options, and examples at the end of its help. */
export const leaf = (...parts: LeafParts): Command => withConnection(offlineLeaf(...parts));

/** Adds a command that calls no service. */
export const offlineLeaf = (...[parent, syntax, description, ...examples]: LeafParts): Command =>
  parent
    .command(syntax)
    .description(description)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `\nExample${examples.length === 1 ? "" : "s"}:\n${examples.map((example) => `  $ ${example}`).join("\n")}`,
    );

/** Adds a command that only groups subcommands. */
export const branch = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description);

const clientFor = ({ url, workspace, token }: Connection): Client => {
  if (workspace === undefined) throw usage("No workspace chosen. Add --workspace, or set SLUICE_WORKSPACE.");
  return createClient({ url, workspace, token, retry: true });
};

const contextFor = (options: CommonOptions): CommandContext => {
  const { env } = process;
  const profiles = new Profiles(env);
  const connection = () => connectionFor(options, env, profiles);
  return {
    env,
    terminal: new Terminal(options.json === true, env),
    profiles,
    connection,
    api: () => clientFor(connection()),
  };
};

/** Runs a command's action. No exit code means success. Commander passes the arguments, the options and the command. */
export const perform =
  <O, A extends readonly (string | readonly string[] | undefined)[]>(
    act: (context: CommandContext, options: O & CommonOptions, ...args: A) => Promise<ExitCode | undefined>,
  ) =>
  async (...passed: unknown[]): Promise<void> => {
    const command = passed.at(-1) as Command;
    // An option of the root holds unless the command has its own.
    const options = { ...rootOf(command).opts(), ...command.opts() } as O & CommonOptions;
    const args = passed.slice(0, -2) as unknown as A;
    const code = await act(contextFor(options), options, ...args);
    exitCodes.set(rootOf(command), code ?? EXIT.ok);
  };
