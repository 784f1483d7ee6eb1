import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { paginateListExecutions, paginateListStateMachines, SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { compose } from "../../../../local/sluice/compose.ts";
import { parseMachineName } from "../../../../shared/model/machines/machine-names.ts";
import type { TriggerEvent } from "../../../../shared/outbound/ports.ts";
import { type ItemKey, keys } from "../../../../shared/store/keys.ts";
import type { RunItem } from "../../../../shared/store/runs/run-item.ts";
import { runItemOf } from "../../../../shared/store/runs/stored-run.ts";
import { allItems, sdkConfig } from "../../../harness/ledger/stored-items.ts";

export type Item = Readonly<Record<string, unknown>>;

/** The state of the table, the executions and the schedules at one moment, read past Sluice. Invariants are checked against it. */
export interface Ledger {
  readonly items: readonly Item[];
  /** Runs that exist, without tombstones. */
  readonly runs: readonly RunItem[];
  /** Names of running executions, `<machine>:<execution>`. */
  readonly running: readonly string[];
  readonly schedules: readonly string[];
}

const SWEEPER = "sluice-sweep";
const TABLE = compose().table.TableName;

/** Reads the ledger of a stack over AWS clients of its own. */
export class LedgerReader {
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

  /** Reads one workspace, or all. Schedules are always read in full, since their names do not say whose they are. */
  async read(workspace?: string): Promise<Ledger> {
    const within = ({ PK }: Item): boolean =>
      workspace === undefined || String(PK).split("#").slice(0, 2).join("#") === `W#${workspace}`;
    const items = (await allItems(this.#url, this.dynamodb)).filter(within);
    const runs = items.filter(({ SK, deleted }) => SK === "RUN" && deleted !== true).map(runItemOf);
    return { items, runs, running: await this.#running(workspace), schedules: await this.#schedules() };
  }

  /** The flow's item; undefined if there is none. */
  flowItem(flowId: string, workspace = "demo"): Promise<Item | undefined> {
    return this.#item(keys.flow(workspace, flowId));
  }

  /** The event of the trigger's schedule; undefined if there is none. */
  async triggerEvent(
    flowId: string,
    triggerId: string,
    workspace = "demo",
  ): Promise<TriggerEvent | undefined> {
    const incarnation = (await this.flowItem(flowId, workspace))?.["incarnation"];
    if (incarnation === undefined) return undefined;
    const ids = { workspace, flowId, incarnation: String(incarnation), triggerId };
    const generation = (await this.#item(keys.trigger(workspace, flowId, ids.incarnation, triggerId)))?.[
      "generation"
    ];
    return generation === undefined ? undefined : { ...ids, generation: String(generation) };
  }

  async #item(Key: ItemKey): Promise<Item | undefined> {
    const client = DynamoDBDocumentClient.from(this.dynamodb);
    const { Item } = await client.send(new GetCommand({ TableName: TABLE, Key, ConsistentRead: true }));
    return Item;
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
