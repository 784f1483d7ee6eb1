import { type Command, CommanderError } from "commander";
import type { Outcome } from "./commands/leaf.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { CliFailure, usage } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { failureText } from "./show/failure.ts";
import { visible } from "./terminal/style.ts";
import { Terminal } from "./terminal/terminal.ts";

/** Runs one command line, says what went wrong, and answers how the process is to end. */
export const runCommand = async (args: readonly string[]): Promise<ExitCode> => {
  const outcome: Outcome = { code: EXIT.ok };
  const program = buildProgram(outcome);
  forEachCommand(program, (command) => {
    command
      .exitOverride()
      .configureOutput({ outputError: () => undefined })
      .showHelpAfterError(false);
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    return report(failureOf(error), new Terminal(args.includes("--json")));
  }
};

const forEachCommand = (command: Command, act: (command: Command) => void): void => {
  act(command);
  for (const child of command.commands) forEachCommand(child, act);
};

const failureOf = (error: unknown): CliFailure => {
  if (error instanceof CliFailure) return error;
  // Without a command, commander prints the help and calls that an error.
  if (error instanceof CommanderError)
    return usage(error.message.replace(/^error: /, "").replace("(outputHelp)", "Name a command."));
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CliFailure(EXIT.unexpected, { code: "unexpected", detail }, error);
};

/** With --json a failure is the one document on stdout, on one line, so that it also ends JSON lines; people read stderr. */
const report = (failure: CliFailure, terminal: Terminal): ExitCode => {
  if (terminal.json) terminal.line(failure.document, () => "");
  terminal.say(failureText(failure));
  if (failure.exitCode === EXIT.unexpected && process.env["SLUICE_DEBUG"])
    terminal.say(visible(failure.stack ?? ""));
  return failure.exitCode;
};
