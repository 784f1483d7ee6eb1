import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { addAttention } from "./commands/attention.ts";
import { addBulk } from "./commands/bulk.ts";
import type { Outcome } from "./commands/command.ts";
import { addFlows } from "./commands/flows.ts";
import { addMembers } from "./commands/members.ts";
import { addRuns } from "./commands/runs.ts";
import { addSession } from "./commands/session.ts";
import { addSettings } from "./commands/settings.ts";
import { addViews } from "./commands/views.ts";
import { EXIT_CODES } from "./failure.ts";

const exitCodes = Object.values(EXIT_CODES)
  .map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`)
  .join("\n");

/** Builds all commands. The one that runs puts its exit code into `outcome`. */
export const buildProgram = (outcome: Outcome): Command => {
  const program = new Command("sluice")
    .description("Pause, resume, cancel and replay Step Functions workflow runs.")
    .version(manifest.version)
    // Lets --version have another meaning after a command.
    .enablePositionalOptions()
    .addHelpText("after", `\nExit codes:\n${exitCodes}`);
  addSession(program, outcome);
  addFlows(program, outcome);
  addRuns(program, outcome);
  addAttention(program, outcome);
  addBulk(program, outcome);
  addViews(program, outcome);
  addMembers(program, outcome);
  addSettings(program, outcome);
  return program;
};
