import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { withConnection } from "./commands/command.ts";
import { addDestroyPlan, addDoctor } from "./commands/deployment/doctor.ts";
import { addStart } from "./commands/deployment/start.ts";
import { addAttach } from "./commands/flows/attach.ts";
import { addCompile } from "./commands/flows/compile.ts";
import { addFlows } from "./commands/flows/flows.ts";
import { addIncidents } from "./commands/incidents/incidents.ts";
import { addAttention } from "./commands/runs/attention.ts";
import { addBulk } from "./commands/runs/bulk.ts";
import { addFailures } from "./commands/runs/failures.ts";
import { addRuns } from "./commands/runs/runs.ts";
import { addViews } from "./commands/runs/views.ts";
import { addSession } from "./commands/session.ts";
import { addMembers, addSettings } from "./commands/workspace.ts";
import { EXIT_CODES } from "./failure.ts";

const exitCodes = Object.values(EXIT_CODES)
  .map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`)
  .join("\n");

/** Builds all commands. */
export const buildProgram = (): Command => {
  const program = new Command("sluice")
    .description("Pause, resume, cancel and replay Step Functions workflow runs.")
    .version(manifest.version)
    // Lets --version have another meaning after a command.
    .enablePositionalOptions()
    .addHelpText("after", `\nExit codes:\n${exitCodes}`);
  withConnection(program);
  addStart(program);
  addSession(program);
  addFlows(program);
  addAttach(program);
  addCompile(program);
  addRuns(program);
  addAttention(program);
  addFailures(program);
  addBulk(program);
  addIncidents(program);
  addViews(program);
  addMembers(program);
  addSettings(program);
  addDoctor(program);
  addDestroyPlan(program);
  return program;
};
