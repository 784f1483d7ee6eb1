import type {
  DispatchDependencies,
  LiftDependencies,
  Metrics,
  ResumeRunDependencies,
  SweepDependencies,
  TeamMachineDependencies,
} from "../../../shared/domain/deps.ts";
import { drainBatch } from "../../../shared/domain/holds/drain-batch.ts";
import { errorCap } from "../../../shared/domain/holds/error-cap.ts";
import { concurrencyLimits } from "../../../shared/domain/slots/concurrency-limits.ts";
import { Requirements } from "../../../shared/domain/steps/steps-ahead.ts";
import { randomIds } from "../../../shared/model/ids.ts";
import type { DrainState } from "../../../shared/model/machines/loop-machine.ts";
import { machineName } from "../../../shared/model/machines/machine-names.ts";
import type { MetricKey } from "../../../shared/model/metrics.ts";
import type { OwnEvent } from "../../../shared/model/schemas/events.ts";
import type {
  Drains,
  ExecutionState,
  Executions,
  HoldEvent,
  Schedules,
  TeamMachines,
  TriggerEvent,
  TriggerSchedules,
} from "../../../shared/outbound/ports.ts";
import { BulkStore } from "../../../shared/store/bulk/bulks.ts";
import { DueIndex } from "../../../shared/store/due.ts";
import { AttachmentStore } from "../../../shared/store/flows/attachments.ts";
import { CounterStore } from "../../../shared/store/flows/counters.ts";
import { FlowDeletionStore } from "../../../shared/store/flows/flow-deletions.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import { FlowStore } from "../../../shared/store/flows/flows.ts";
import { HoldStore } from "../../../shared/store/flows/holds.ts";
import { IncidentStore } from "../../../shared/store/flows/incidents.ts";
import { MeterStore } from "../../../shared/store/flows/meters.ts";
import { QueueStore } from "../../../shared/store/flows/queues.ts";
import { TriggerStore } from "../../../shared/store/flows/triggers.ts";
import { VersionStore } from "../../../shared/store/flows/versions.ts";
import { keys } from "../../../shared/store/keys.ts";
import { ContinuationStore } from "../../../shared/store/runs/continuations.ts";
import { ParkStore } from "../../../shared/store/runs/parks.ts";
import { RunIndex } from "../../../shared/store/runs/run-index.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import { StepStore } from "../../../shared/store/runs/steps.ts";
import { SlotQueueStore } from "../../../shared/store/slots/slot-queue.ts";
import { SlotStore } from "../../../shared/store/slots/slots.ts";
import type { Table } from "../../../shared/store/table.ts";
import { SettingsStore } from "../../../shared/store/workspace/workspace-settings.ts";
import { WorkspaceStore } from "../../../shared/store/workspace/workspaces.ts";

const PLACE = { arnPrefix: "arn:aws:states:us-east-1:000000000000", instance: "sluice" };
const STARTED_AT = Date.parse("2026-03-01T12:00:00.000Z");

/** Names of started executions, in order. This is all that Step Functions knows about runs here. */
class Started implements Executions {
  readonly names: string[] = [];
  /** Names of machines that have been deleted: nothing starts on them. */
  readonly deletedMachines = new Set<string>();
  async start({ name, machineArn }: { readonly name: string; readonly machineArn: string }) {
    if (machineArn.split(":").some((part) => this.deletedMachines.has(part))) return "no-machine" as const;
    if (this.names.includes(name)) return "exists" as const;
    this.names.push(name);
    return "started" as const;
  }
  stop = async () => undefined;
  succeed = async () => "settled" as const;
  fail = async () => "settled" as const;
  /** Everything that was started keeps running. */
  async describe(arn: string): Promise<ExecutionState | undefined> {
    return this.names.includes(arn.split(":").at(-1) ?? "") ? { status: "RUNNING" } : undefined;
  }
  length = async () => 0;
  inputOf = async () => undefined;
  mapRun = async () => undefined;
  openMapRuns = async () => [];
  async *history(): AsyncGenerator<never> {
    yield* [];
  }
}

/** The schedules that exist, by name, as EventBridge Scheduler would keep them. */
class KeptSchedules implements Schedules {
  readonly ends = new Map<string, { event: HoldEvent; at: number }>();
  /** Makes calls of createEnd and createBegin fail before or after they take effect. */
  fault: "before" | "after" | undefined;
  async createEnd(event: HoldEvent, at: number): Promise<void> {
    if (this.fault !== "before") this.ends.set(`${event.holdId}-${event.tries}`, { event, at });
    if (this.fault !== undefined) throw new Error("a fault of the test");
  }
  /** Planned pauses, by the id of the plan. */
  readonly begins = new Map<string, { event: HoldEvent; at: number }>();
  async createBegin(event: HoldEvent, at: number): Promise<void> {
    if (this.fault !== "before") this.begins.set(event.holdId, { event, at });
    if (this.fault !== undefined) throw new Error("a fault of the test");
  }
  deleteBegin = async (planId: string) => void this.begins.delete(planId);
  createWarning = async () => undefined;
  async delete(holdId: string): Promise<void> {
    for (const name of this.ends.keys()) if (name.startsWith(`${holdId}-`)) this.ends.delete(name);
  }
  /** Ids of the holds that have a schedule. */
  get holdIds(): string[] {
    return [...new Set([...this.ends.values()].map(({ event }) => event.holdId))];
  }
}

/** Executions of the drain machine: names are used once, and each loops over the real handler's batches. */
class KeptDrains implements Drains {
  readonly states = new Map<string, DrainState | "over">();
  readonly #batch: (state: DrainState) => Promise<DrainState>;
  readonly #wait: (until: number) => void;
  constructor(batch: (state: DrainState) => Promise<DrainState>, wait: (until: number) => void) {
    this.#batch = batch;
    this.#wait = wait;
  }
  async start(state: DrainState): Promise<"started" | "exists"> {
    const name = nameOf(state);
    if (this.states.has(name)) return "exists";
    this.states.set(name, state);
    return "started";
  }
  async isRunning(drain: Pick<DrainState, "incarnation" | "epoch" | "attempt">): Promise<boolean> {
    return ![undefined, "over"].includes(this.states.get(nameOf(drain)) as "over" | undefined);
  }
  /** Like StopExecution from outside. */
  stopAll(): void {
    for (const name of this.states.keys()) this.states.set(name, "over");
  }
  /** Runs one batch of every drain in progress; false if there is none. */
  async step(): Promise<boolean> {
    const open = [...this.states].filter(([, state]) => state !== "over");
    for (const [name, state] of open) {
      if (state === "over") continue;
      const next = await this.#batch(state);
      if (this.states.get(name) === "over") continue;
      this.states.set(name, next.goesOn === true ? next : "over");
      if (next.nextAt !== undefined && next.goesOn === true) this.#wait(Date.parse(next.nextAt));
    }
    return open.length > 0;
  }
  async run(): Promise<void> {
    while (await this.step());
  }
}
const nameOf = ({ incarnation, epoch, attempt }: Pick<DrainState, "incarnation" | "epoch" | "attempt">) =>
  `${incarnation}-${epoch}-${attempt}`;

/** State machines of teams, which have these definitions by ARN and nothing else. */
const machinesWith = (definitions: ReadonlyMap<string, string>): TeamMachines => ({
  describe: async (arn) => {
    const definition = definitions.get(arn);
    return definition === undefined ? undefined : { definition, roleArn: "", type: "STANDARD" };
  },
  tag: async () => undefined,
  update: async () => undefined,
  recentExecutions: async () => [],
  versions: async () => [],
  publish: async () => "",
  aliases: async () => [],
  routes: async () => undefined,
  moveAlias: async () => false,
});

/** The schedules of triggers, by generation. */
class KeptTriggerSchedules implements TriggerSchedules {
  readonly events = new Map<string, TriggerEvent>();
  async create(event: TriggerEvent): Promise<undefined> {
    this.events.set(event.generation, event);
  }
  async delete(generation: string): Promise<void> {
    this.events.delete(generation);
  }
}

/** The use cases about a held flow on a real table. Everything else is kept in memory, where the test can inspect it. */
export class HoldHarness {
  now = STARTED_AT;
  readonly started = new Started();
  readonly schedules = new KeptSchedules();
  readonly triggerSchedules = new KeptTriggerSchedules();
  readonly drains: KeptDrains;
  /** Definitions of the machines of teams, by ARN. */
  readonly definitions = new Map<string, string>();
  /** The events that were put on the bus by use cases. */
  readonly published: OwnEvent[] = [];
  /** Sums of counters, and all measured values. */
  readonly measured = new Map<MetricKey, number[]>();
  readonly #metrics: Metrics = {
    count: (metric, times = 1) =>
      void this.measured.set(metric, [(this.measured.get(metric)?.[0] ?? 0) + times]),
    measure: (metric, value) => void this.measured.set(metric, [...(this.measured.get(metric) ?? []), value]),
  };
  readonly deps: DispatchDependencies &
    LiftDependencies &
    SweepDependencies &
    ResumeRunDependencies &
    TeamMachineDependencies;

  constructor(table: Table) {
    const wait = (until: number): void => {
      this.now = Math.max(this.now, until);
    };
    this.drains = new KeptDrains((state) => drainBatch(this.deps, state), wait);
    const capDeps = {
      clock: {
        now: () => {
          this.now += 1;
          return this.now;
        },
      },
      ids: randomIds,
      holds: new HoldStore(table),
      flows: new FlowStore(table),
      meters: new MeterStore(table),
      schedules: this.schedules,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      metrics: this.#metrics,
    };
    this.deps = {
      ...capDeps,
      ends: errorCap(capDeps),
      teamMachines: machinesWith(this.definitions),
      limits: concurrencyLimits,
      runs: new RunStore(table),
      steps: new StepStore(table),
      parks: new ParkStore(table),
      queues: new QueueStore(table),
      counters: new CounterStore(table),
      slots: new SlotStore(table),
      slotQueues: new SlotQueueStore(table),
      attachments: new AttachmentStore(table),
      due: new DueIndex(table),
      settings: new SettingsStore(table),
      requirements: new Requirements(new VersionStore(table)),
      permissionsOf: async () => [],
      continuations: new ContinuationStore(table),
      compileSettings: () => ({
        functions: { gate: "gate", park: "park", humanStep: "human", continueAsNew: "on" },
        allowedResources: ["*"],
      }),
      workspaces: new WorkspaceStore(table),
      runIndex: new RunIndex(table),
      deletions: new FlowDeletionStore(table),
      triggers: new TriggerStore(table),
      triggerSchedules: this.triggerSchedules,
      versions: new VersionStore(table),
      machines: {
        publish: async () => "arn",
        create: async () => undefined,
        delete: async (name) => void this.started.deletedMachines.add(name),
        deleteVersion: async () => undefined,
      },
      executions: this.started,
      drains: this.drains,
      bulks: new BulkStore(table),
      incidents: new IncidentStore(table),
      bulkJobs: { start: async () => "started", isRunning: async () => false },
      machinePlace: PLACE,
      maxStayMs: Number.POSITIVE_INFINITY,
      events: { put: async (events) => this.published.push(...events) && events.length },
    };
  }

  /** A flow with one version; `table` is one that the test does not hold back. */
  async flow(table: Table, flowId: string, more: Partial<FlowItem> = {}): Promise<FlowItem> {
    const at = new Date(this.now).toISOString();
    const flow: FlowItem = {
      ...{ workspace: "demo", flowId, incarnation: randomIds.unique(), name: flowId, description: "" },
      ...{ runAs: "system", version: 1, rev: 1, epoch: 0, mode: "queue", holds: {}, caps: {} },
      ...{ createdAt: at, updatedAt: at },
      ...more,
    };
    await new FlowStore(table).create(flow);
    const version = keys.version(flow.workspace, flowId, flow.incarnation, 1);
    const machine = machineName(flow.workspace, flow.incarnation);
    await table.put({ ...version, machineVersionArn: `${PLACE.arnPrefix}:stateMachine:${machine}:1` });
    return flow;
  }
}
