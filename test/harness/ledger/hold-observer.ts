import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleOutput,
  paginateListSchedules,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import {
  type ExecutionListItem,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { allItems, sdkConfig } from "./stored-items.ts";

const GROUP = "sluice";

/** Reads the schedules, drains and items of holds past Sluice, through the AWS protocols. */
export class HoldObserver {
  readonly scheduler: SchedulerClient;
  readonly #states: SFNClient;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
    this.scheduler = new SchedulerClient(sdkConfig(url, "scheduler"));
    this.#states = new SFNClient(sdkConfig(url, "states"));
  }

  close(): void {
    this.scheduler.destroy();
    this.#states.destroy();
  }

  /** The one-time schedules that end holds. */
  async schedules(prefix = "hold-"): Promise<GetScheduleOutput[]> {
    const found: GetScheduleOutput[] = [];
    const pages = paginateListSchedules({ client: this.scheduler }, { GroupName: GROUP, NamePrefix: prefix });
    for await (const page of pages) {
      for (const { Name } of page.Schedules ?? []) {
        // A schedule may be deleted between the list and this call.
        const schedule = await this.scheduler
          .send(new GetScheduleCommand({ GroupName: GROUP, Name }))
          .catch(() => undefined);
        if (schedule !== undefined) found.push(schedule);
      }
    }
    return found;
  }

  /** Deletes these schedules, so that they never fire. */
  async suppress(): Promise<void> {
    for (const prefix of ["hold-", "warn-", "begin-"])
      for (const { Name } of await this.schedules(prefix))
        await this.scheduler.send(new DeleteScheduleCommand({ GroupName: GROUP, Name }));
  }

  /** The executions of the drain machine, newest first. */
  async drains(): Promise<ExecutionListItem[]> {
    const found: ExecutionListItem[] = [];
    for await (const { stateMachines } of paginateListStateMachines({ client: this.#states }, {})) {
      for (const { name, stateMachineArn } of stateMachines ?? []) {
        if (name !== "sluice-drain") continue;
        const pages = paginateListExecutions({ client: this.#states }, { stateMachineArn });
        for await (const { executions } of pages) found.push(...(executions ?? []));
      }
    }
    return found;
  }

  /** As in the AWS console. */
  async stop(executionArn: string | undefined): Promise<void> {
    await this.#states.send(new StopExecutionCommand({ executionArn }));
  }

  /** A flow's item and its holds, with the ids that the API does not show. */
  async flowItem(
    flowId: string,
  ): Promise<{ incarnation: string; epoch: number; holds: Record<string, { id: string } | undefined> }> {
    const items = await allItems(this.#url);
    const item = items.find(({ PK, SK }) => SK === "FLOW" && String(PK).endsWith(`#F#${flowId}`));
    if (item === undefined) throw new Error(`No flow ${flowId}`);
    return item as Awaited<ReturnType<HoldObserver["flowItem"]>>;
  }
}
