#!/usr/bin/env node
/** `sluice`: the command line as a program. */
import { EXIT } from "./failure.ts";
import { runCommand } from "./run-command.ts";

// The reader of a pipe may close it early: `sluice runs list | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.unexpected);
});

process.exitCode = await runCommand(process.argv.slice(2));
