import { type Command, CommanderError } from "commander";
import { exitCodeIn } from "./commands/command.ts";
import { type CliFailure, EXIT, type ExitCode, failureFrom, usage } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { failureText } from "./show/failure.ts";
import { visible } from "./terminal/style.ts";
import { Terminal } from "./terminal/terminal.ts";

/** Runs one command line, reports a failure, and returns the exit code. */
export const runCommand = async (args: readonly string[]): Promise<ExitCode> => {
  const program = buildProgram();
  forEachCommand(program, (command) => {
    command
      .exitOverride()
      .configureOutput({ outputError: () => undefined })
      .showHelpAfterError(false);
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCodeIn(program);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    return report(
      error instanceof CommanderError ? usageFailure(error) : failureFrom(error),
      new Terminal(args.includes("--json")),
    );
  }
};

const forEachCommand = (command: Command, act: (command: Command) => void): void => {
  act(command);
  for (const child of command.commands) forEachCommand(child, act);
};

/** Without a command, commander prints the help and reports that as an error. */
const usageFailure = ({ message }: CommanderError): CliFailure =>
  usage(message.replace(/^error: /, "").replace("(outputHelp)", "No command given. See sluice --help."));

/**
 * With --json, prints the failure as one line on stdout, so that it can also end a stream of JSON lines. People read stderr.
 */
const report = (failure: CliFailure, terminal: Terminal): ExitCode => {
  if (terminal.json) terminal.line(failure.document, () => "");
  terminal.say(failureText(failure));
  if (failure.exitCode === EXIT.unexpected && process.env["SLUICE_DEBUG"])
    terminal.say(visible(failure.stack ?? ""));
  return failure.exitCode;
};
