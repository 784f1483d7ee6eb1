import type { Client } from "../../shared/client/operations.ts";
import { pagesOf } from "../../shared/client/pages.ts";
import { MAX_PAGE } from "../../shared/model/limits.ts";
import type { Run, Step } from "../../shared/model/schemas/run.ts";
import { isTerminal } from "../../shared/model/transitions.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { paintStatus, whyOf } from "../show/run.ts";
import type { ListedStep } from "../show/step.ts";
import { visible } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { localTime } from "../terminal/times.ts";
import { Pace } from "./progress.ts";

/**
 * Follows a run until it ends: prints a line for each change of its status and of its steps; with --json, the lines are
 * `{type: "run", run}` and `{type: "step", step}`.
 */
export const followRun = async (api: Client, terminal: Terminal, runId: string): Promise<ExitCode> => {
  const log = new StepLog(api, runId);
  const pace = new Pace();
  let seen = "";
  let shown = "";
  for (;;) {
    const run = await api.getRun({ runId });
    const now = JSON.stringify(run);
    const changed = now !== seen;
    if (changed) {
      for (const step of await log.changes()) terminal.line({ type: "step", step }, () => stepLine(step));
      const line = statusLine(terminal, run);
      if (line !== shown)
        terminal.line({ type: "run", run }, () => {
          const first = shown === "" ? `Following run ${runId}\n` : "";
          return `${first}${localTime(run.updatedAt)}  ${line}`;
        });
      shown = line;
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

const stepLine = ({ name, status, startedAt, endedAt, branch, error }: ListedStep): string => {
  const where = branch === undefined ? "" : ` [${visible(branch)}]`;
  const why = error === undefined ? "" : `: ${visible(error.error)}`;
  return `${localTime(endedAt ?? startedAt)}  step       ${visible(name)}${where} ${status}${why}`;
};

/** The changes among a run's steps since the last poll. Pages whose steps have all ended are not read again. */
class StepLog {
  readonly #api: Client;
  readonly #runId: string;
  readonly #statuses = new Map<string, Step["status"]>();
  #from: string | undefined;

  constructor(api: Client, runId: string) {
    this.#api = api;
    this.#runId = runId;
  }

  async changes(): Promise<ListedStep[]> {
    const changed: ListedStep[] = [];
    const read = (cursor: string | undefined) =>
      this.#api.listSteps({ runId: this.#runId, query: { limit: MAX_PAGE, cursor } });
    let settled = true;
    for await (const { items, nextCursor } of pagesOf(read, this.#from)) {
      for (const step of items) {
        if (this.#statuses.get(step.stepId) !== step.status) changed.push(step);
        this.#statuses.set(step.stepId, step.status);
        settled &&= step.endedAt !== undefined;
      }
      if (settled && nextCursor !== undefined) this.#from = nextCursor;
    }
    return changed;
  }
}
