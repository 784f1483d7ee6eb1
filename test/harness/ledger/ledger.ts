import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { paginateListExecutions, paginateListStateMachines, SFNClient } from "@aws-sdk/client-sfn";
import {
  executionName,
  machineName,
  parseExecutionName,
  parseMachineName,
} from "../../../shared/model/machines/machine-names.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import { mergeAudit } from "../../../shared/store/runs/audit.ts";
import type { AuditEntry, RunItem } from "../../../shared/store/runs/run-item.ts";
import { runItemOf } from "../../../shared/store/runs/stored-run.ts";
import { allItems, sdkConfig } from "./stored-items.ts";

type Item = Readonly<Record<string, unknown>>;

/** What the books are checked against, read past Sluice: the table, the executions, the schedules. */
export interface Books {
  readonly items: readonly Item[];
  /** Runs that exist, tombstones not among them. */
  readonly runs: readonly RunItem[];
  /** Names of the executions of flows that are under way, `<machine>:<execution>`. */
  readonly running: readonly string[];
  readonly schedules: readonly string[];
}

/** Over clients of its own. Who reads often keeps a `BookKeeper`. Of one workspace, where it is named. */
export const readBooks = async (url: string, workspace?: string): Promise<Books> => {
  const keeper = new BookKeeper(url);
  try {
    return await keeper.read(workspace);
  } finally {
    keeper.close();
  }
};

const SWEEPER = "sluice-sweep";

/** Reads the books over clients that it keeps. */
export class BookKeeper {
  readonly dynamodb: DynamoDBClient;
  readonly states: SFNClient;
  readonly scheduler: SchedulerClient;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
    this.dynamodb = new DynamoDBClient(sdkConfig(url, "dynamodb"));
    this.states = new SFNClient(sdkConfig(url, "states"));
    this.scheduler = new SchedulerClient(sdkConfig(url, "scheduler"));
  }

  /** Of one workspace, where it is named; schedules are always all, since their names say nothing. */
  async read(workspace?: string): Promise<Books> {
    const within = ({ PK }: Item): boolean =>
      workspace === undefined || String(PK).split("#").slice(0, 2).join("#") === `W#${workspace}`;
    const items = (await allItems(this.#url, this.dynamodb)).filter(within);
    const runs = items.filter(({ SK, deleted }) => SK === "RUN" && deleted !== true).map(runItemOf);
    return { items, runs, running: await this.#running(workspace), schedules: await this.#schedules() };
  }

  close(): void {
    this.dynamodb.destroy();
    this.states.destroy();
    this.scheduler.destroy();
  }

  async #running(workspace: string | undefined): Promise<string[]> {
    const client = this.states;
    const names: string[] = [];
    for await (const { stateMachines } of paginateListStateMachines({ client }, {})) {
      for (const { stateMachineArn, name } of stateMachines ?? []) {
        const owner = parseMachineName(name ?? "")?.workspace;
        if (workspace !== undefined && owner !== undefined && owner !== workspace) continue;
        const asked = { stateMachineArn, statusFilter: "RUNNING" as const };
        for await (const page of paginateListExecutions({ client }, asked)) {
          for (const execution of page.executions ?? []) names.push(`${name}:${execution.name}`);
        }
      }
    }
    return names;
  }

  async #schedules(): Promise<string[]> {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.scheduler.send(new ListSchedulesCommand({ NextToken }));
      names.push(...(page.Schedules ?? []).map(({ Name }) => String(Name)));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return names.filter((name) => name !== SWEEPER);
  }
}

/** What is wrong at any moment at which nothing is under way, whatever is paused or held. */
export const imbalances = ({ items, runs, running }: Books): string[] => {
  const wrong: string[] = [];
  const open = new Set(running);
  for (const run of runs) {
    const trail = auditOf(run, items);
    const broken = trail.find(
      ({ rev, from }, index) => rev !== index + 1 || (index > 0 && from !== trail[index - 1]?.to),
    );
    if (broken !== undefined) wrong.push(`${run.runId}: its audit breaks at rev ${broken.rev}`);
    const last = trail.at(-1);
    if (last?.to !== run.status || last.rev !== run.rev)
      wrong.push(
        `${run.runId}: ${run.status} at rev ${run.rev}, but its audit says ${last?.to} at ${last?.rev}`,
      );
    if (isTerminal(run.status) && open.has(executionOf(run)))
      wrong.push(`${run.runId}: ${run.status}, and its execution runs on`);
  }
  const known = new Set(runs.map(executionOf));
  for (const name of running) {
    const isRuns = parseExecutionName(name.slice(name.indexOf(":") + 1)) !== undefined;
    if (isRuns && !known.has(name)) wrong.push(`${name}: an execution without a run`);
  }
  return wrong;
};

const executionOf = (run: RunItem): string => {
  const start = run.startState === undefined ? undefined : { version: run.version, state: run.startState };
  return `${machineName(run.workspace, run.incarnation, start)}:${executionName(run)}`;
};

const auditOf = (run: RunItem, items: readonly Item[]): readonly AuditEntry[] => {
  const partition = `W#${run.workspace}#R#${run.runId}`;
  const spilled = items.filter(({ PK, SK }) => PK === partition && String(SK).startsWith("A#"));
  return mergeAudit(spilled as unknown as AuditEntry[], run.recentAudit);
};

/** What must not be there once everything was resumed, drained and swept. */
export const remains = ({ items, runs, running, schedules }: Books): string[] => [
  ...items
    .filter(
      ({ PK, SK, intent, deleted }) =>
        isPark(SK, PK) || isQueued(PK) || (intent !== undefined && deleted !== true),
    )
    .map(({ PK, SK }) => `left over: ${PK} ${SK}`),
  ...items
    .filter(({ SK, queued }) => SK === "COUNT" && Number(queued ?? 0) !== 0)
    .map(({ PK, queued }) => `a counter is off: ${PK} ${queued}`),
  ...items
    .filter(({ SK, drain }) => SK === "FLOW" && drain !== undefined)
    .map(({ PK }) => `a drain is open: ${PK}`),
  ...runs
    .filter(({ status }) => !isTerminal(status))
    .map(({ runId, status }) => `not over: ${runId} is ${status}`),
  ...running.map((name) => `still running: ${name}`),
  ...schedules.map((name) => `a schedule is left over: ${name}`),
];

const isPark = (SK: unknown, PK: unknown): boolean => /^P#/.test(String(SK)) || /#P#\d+$/.test(String(PK));
const isQueued = (PK: unknown): boolean => /#Q#\d+$/.test(String(PK));
