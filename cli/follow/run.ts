import type { Run, Step } from "../../shared/model/schemas/run.ts";
import { isTerminal } from "../../shared/model/transitions.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Api } from "../http/api.ts";
import { paintStatus, whyOf } from "../show/run.ts";
import { visible } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { localTime } from "../terminal/times.ts";
import { Pace } from "./polling.ts";
import { StepLog } from "./step-log.ts";

/**
 * Follows a run until it is over: a line for each change of its status and of its steps; as JSON lines
 * `{type: "run", run}` and `{type: "step", step}`.
 * @param target the run's path
 */
export const followRun = async (api: Api, terminal: Terminal, target: string): Promise<ExitCode> => {
  const log = new StepLog(api, `${target}/steps`);
  const pace = new Pace();
  let seen = "";
  let told = "";
  for (;;) {
    const run = await api.get<Run>(target);
    const now = JSON.stringify(run);
    const changed = now !== seen;
    if (changed) {
      for (const step of await log.news()) terminal.line({ type: "step", step }, () => stepLine(step));
      const line = statusLine(terminal, run);
      if (line !== told) terminal.line({ type: "run", run }, () => `${localTime(run.updatedAt)}  ${line}`);
      told = line;
    }
    if (isTerminal(run.status)) return run.status === "completed" ? EXIT.ok : EXIT.endedBadly;
    seen = now;
    await pace.next(changed);
  }
};

const statusLine = (terminal: Terminal, run: Run): string => {
  const why = run.status === "running" ? "" : visible(whyOf(run));
  return `${paintStatus(terminal.paint, run.status, run.status.padEnd(9))}${why === "" ? "" : `  ${why}`}`.trimEnd();
};

const stepLine = ({ name, status, startedAt, endedAt, branch, error }: Step): string => {
  const where = branch === undefined ? "" : ` [${visible(branch)}]`;
  const why = error === undefined ? "" : `: ${visible(error.error)}`;
  return `${localTime(endedAt ?? startedAt)}  step       ${visible(name)}${where} ${status}${why}`;
};
