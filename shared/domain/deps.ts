import type { TaskFunctions } from "../asl/gates/plan.ts";
import type { Position } from "../asl/parse/graph.ts";
import type { SluiceError } from "../model/errors.ts";
import type { IdSource } from "../model/ids.ts";
import type { MachinePlace } from "../model/machines/machine-names.ts";
import type { CountKey, MeasureKey } from "../model/metrics.ts";
import type { Clock } from "../model/time/clock.ts";
import type {
  BulkJobs,
  Drains,
  Events,
  Executions,
  MachineRoles,
  Machines,
  Schedules,
  StateTests,
  TeamMachines,
  TriggerSchedules,
} from "../outbound/ports.ts";
import type { BulkStore } from "../store/bulk/bulks.ts";
import type { DueIndex } from "../store/due.ts";
import type { AttachmentStore } from "../store/flows/attachments.ts";
import type { CounterStore } from "../store/flows/counters.ts";
import type { FlowDeletionStore } from "../store/flows/flow-deletions.ts";
import type { FlowIdentity } from "../store/flows/flow-item.ts";
import type { FlowStore } from "../store/flows/flows.ts";
import type { HoldItem, HoldStore } from "../store/flows/holds.ts";
import type { IncidentStore } from "../store/flows/incidents.ts";
import type { MeterStore } from "../store/flows/meters.ts";
import type { QueueItem, QueueStore } from "../store/flows/queues.ts";
import type { TriggerStore } from "../store/flows/triggers.ts";
import type { VersionStore } from "../store/flows/versions.ts";
import type { ContinuationStore } from "../store/runs/continuations.ts";
import type { ParkStore } from "../store/runs/parks.ts";
import type { RunIndex } from "../store/runs/run-index.ts";
import type { RunItem } from "../store/runs/run-item.ts";
import type { ActiveVersion } from "../store/runs/run-reader.ts";
import type { RunStore } from "../store/runs/runs.ts";
import type { StepStore } from "../store/runs/steps.ts";
import type { SlotQueueStore } from "../store/slots/slot-queue.ts";
import type { SlotStore } from "../store/slots/slots.ts";
import type { MemberStore } from "../store/workspace/members.ts";
import type { ViewStore } from "../store/workspace/views.ts";
import type { SettingsStore } from "../store/workspace/workspace-settings.ts";
import type { WorkspaceStore } from "../store/workspace/workspaces.ts";

/** Log lines. They never contain payloads, tokens or causes. */
export interface Log {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | Error | undefined>>;

interface LogSubject {
  readonly workspace: string;
  readonly flowId?: string;
  readonly runId?: string;
  readonly bulkId?: string;
  /** Of a bulk operation. */
  readonly action?: string;
}

/** The fields that identify a run, a flow or a bulk operation in every log line about it. */
export const logFields = ({ workspace, flowId, runId, bulkId, action }: LogSubject): LogFields => ({
  workspace,
  ...(flowId === undefined ? {} : { flow: flowId }),
  ...(runId === undefined ? {} : { run: runId }),
  ...(bulkId === undefined ? {} : { bulk: bulkId }),
  ...(action === undefined ? {} : { action }),
});

/**
 * Does work whose failure does not matter to the caller, because something else repeats it or it is dispensable. A failure is
 * logged, and the result is undefined.
 */
export const orWarn = async <Result>(
  { log }: { readonly log: Log },
  subject: LogSubject,
  message: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> => {
  try {
    return await work();
  } catch (error) {
    log.warn(message, { ...logFields(subject), error: error as Error });
    return undefined;
  }
};

/** Metrics, which never identify a workspace, a flow or a run. */
export interface Metrics {
  /** Counts `times` occurrences. Zero is not recorded. */
  count(metric: CountKey, times?: number): void;
  /** Records a value in the metric's own unit. */
  measure(metric: MeasureKey, value: number): void;
}

interface BaseDependencies {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Counts the ends of runs against the error cap and the ramp of their flow. Does nothing for a flow without either. */
export interface EndCounter {
  /**
   * Counts a run that is about to fail or to be halted, and holds the flow if its error cap is reached. Called before the write that ends
   * the run: a retry may count the run twice, but no failure is missed.
   */
  failure(run: FlowIdentity): Promise<void>;
  /** Counts a run that has completed. Called after the write, and never throws: the share of failures is never too small. */
  completion(run: FlowIdentity): Promise<void>;
}

export interface RunDependencies extends BaseDependencies {
  readonly runs: RunStore;
  readonly steps: StepStore;
  readonly parks: ParkStore;
  readonly holds: HoldStore;
  readonly queues: QueueStore;
  readonly counters: CounterStore;
  readonly slots: SlotStore;
  readonly slotQueues: SlotQueueStore;
  readonly executions: Executions;
  readonly machinePlace: MachinePlace;
}

/** The parts of concurrency limits that ends and starts of runs need, and that start runs themselves. They do nothing without a limit. */
export interface ConcurrencyLimits {
  /**
   * Lets a record of a hold's queue start, or moves it to the queue of its key if there is no slot. Returns its run if it left that queue.
   */
  admit(
    deps: EndDependencies,
    flow: FlowIdentity,
    record: QueueItem,
    current: { readonly hold: HoldItem | undefined; readonly active: ActiveVersion | undefined },
  ): Promise<RunItem | undefined>;
  /** Returns a run that waits for a slot to its key's queue, or gives it a slot. The caller clears the intent. */
  requeue(deps: EndDependencies, run: RunItem): Promise<void>;
  /** Releases the slot of a run that has ended, and hands it on. Returns the run afterwards. */
  release(deps: EndDependencies, run: RunItem): Promise<RunItem>;
}

/** Dependencies of what may end a run. Functions that end none do not have them, nor the permission to hold a flow. */
export interface EndDependencies extends RunDependencies {
  readonly ends: EndCounter;
  readonly limits: ConcurrencyLimits;
}

/** Dependencies for storing the place at which a run was halted. */
export interface PlaceDependencies extends RunDependencies {
  readonly continuations: ContinuationStore;
}

/** Reads the permissions of a run's user. */
export interface AccessDependencies {
  /** Returns the permissions of a workspace's member; none for a person who is not a member. */
  permissionsOf(workspace: string, userId: string): Promise<readonly string[]>;
  readonly settings: Pick<SettingsStore, "read">;
  readonly runs: RunStore;
}

/** A step that requires permissions of the run's user. */
export interface DemandingStep {
  readonly state: string;
  readonly requires: readonly string[];
}

/** Dependencies for finding out where and how a run can be resumed. */
export interface ResumePlanDependencies extends PlaceDependencies, AccessDependencies, FlowDependencies {
  readonly requirements: {
    /** Returns the steps with `Requires` that the run may still reach from there, in the order of the definition. */
    ahead(run: RunItem, from: Position): Promise<readonly DemandingStep[]>;
  };
}
export interface ResumeRunDependencies
  extends ResumePlanDependencies,
    EndDependencies,
    TeamMachineDependencies {}

/** Dependencies for saying what a resume would do. */
export interface RehearsalDependencies extends ResumeRunDependencies {
  readonly stateTests: StateTests;
}

/** Dependencies for adding holds and for counting against caps. */
export interface HoldDependencies extends BaseDependencies {
  readonly flows: FlowStore;
  readonly meters: MeterStore;
  readonly schedules: Schedules;
}

/** Dependencies for lifting holds. Lifting the last one starts a drain. */
export interface LiftDependencies extends HoldDependencies {
  readonly drains: Drains;
}

/** Dependencies for holding states of a flow, whose names depend on its versions. */
export interface StepHoldDependencies extends LiftDependencies, TeamMachineDependencies {
  readonly runIndex: RunIndex;
  readonly steps: StepStore;
  readonly versions: VersionStore;
}

/** Dependencies for holding the flows of an incident, and for going on with that in the background. */
export interface IncidentDependencies extends Omit<StepHoldDependencies, "teamMachines"> {
  readonly incidents: IncidentStore;
  readonly bulkJobs: BulkJobs;
}

export interface DrainDependencies extends EndDependencies, LiftDependencies {
  readonly runIndex: RunIndex;
}

/** The parts of compiled flows that depend on the deployment. */
export interface CompileSettings {
  /** ARNs of Sluice's own task functions. */
  readonly functions: TaskFunctions;
  /** `{workspace}` is replaced by the workspace's name. Without it, user tasks run with the machine's own role. */
  readonly taskRoleArn?: string;
  /** Sets and patterns of resources that flows may use in addition to Lambda functions. */
  readonly allowedResources: readonly string[];
}

/** Reads attached state machines. */
export interface TeamMachineDependencies {
  readonly teamMachines: TeamMachines;
}

/** The state machines that a workspace may attach. */
export interface AttachSettings {
  readonly functions: Pick<TaskFunctions, "gate" | "park">;
  /** Patterns of the names of machines that the workspace may attach, with `*` as a wildcard. */
  patterns(workspace: string): readonly string[];
  /** Whether the machine's owner must agree by the tag `sluice:workspace`. */
  readonly tagged: boolean;
}

export interface AttachDependencies extends FlowDependencies, TeamMachineDependencies {
  readonly attachments: AttachmentStore;
  readonly runIndex: RunIndex;
  readonly steps: StepStore;
  readonly executions: Executions;
  readonly machinePlace: MachinePlace;
  readonly attachSettings: () => AttachSettings;
  readonly machineRoles: MachineRoles;
}

export interface FlowDependencies extends BaseDependencies {
  readonly flows: FlowStore;
  readonly versions: VersionStore;
  readonly machines: Machines;
  /** Read only when something is compiled, since only publishing functions have them. */
  readonly compileSettings: () => CompileSettings;
}

/** Dependencies for moving a parked run into a fresh execution. */
export interface RenewDependencies extends PlaceDependencies, EndDependencies, FlowDependencies {
  /** Milliseconds for which a parked run stays in one execution. */
  readonly maxStayMs: number;
}

/** Dependencies for finding the versions that runs need. */
export interface PruneDependencies extends BaseDependencies {
  readonly runIndex: RunIndex;
  readonly steps: StepStore;
}

/** Dependencies for triggers and their schedules. */
export interface TriggerDependencies extends HoldDependencies {
  readonly triggers: TriggerStore;
  readonly triggerSchedules: TriggerSchedules;
}

/** Dependencies for dispatching the records that triggers and other sources send. */
export interface IntakeDependencies extends DispatchDependencies, TriggerDependencies {}

export interface FlowDeletionDependencies
  extends DispatchDependencies,
    Pick<TriggerDependencies, "triggers" | "triggerSchedules">,
    Pick<FlowDependencies, "versions" | "machines"> {
  readonly runIndex: RunIndex;
  readonly deletions: FlowDeletionStore;
}

export interface DispatchDependencies extends EndDependencies, HoldDependencies {}
export interface ReplayDependencies extends DispatchDependencies, FlowDependencies, TeamMachineDependencies {}

/** Dependencies of a gate inside a user's function, which uses only the table. */
export interface GateDependencies
  extends Pick<EndDependencies, "clock" | "ids" | "ends" | "runs" | "steps" | "holds" | "metrics">,
    AccessDependencies {}

/** Dependencies of a gate that runs as a state. */
export interface StateGateDependencies extends DispatchDependencies, AccessDependencies {
  readonly continuations: ContinuationStore;
  readonly attachments: AttachmentStore;
  /** The number of events below which a looping run's history stays. */
  readonly historyMark: () => number;
}

export interface BulkDependencies extends BaseDependencies {
  readonly bulks: BulkStore;
  readonly bulkJobs: BulkJobs;
  readonly runIndex: RunIndex;
}

export interface BulkJobDependencies extends BulkDependencies, ReplayDependencies, ResumeRunDependencies {
  /** Converts any failure into the refusal that an API client may see. */
  readonly refusalOf: (error: unknown) => SluiceError;
}

/** Dependencies of what gives a machine its own definition back. */
export interface DetachDependencies
  extends BaseDependencies,
    TeamMachineDependencies,
    Pick<FlowDependencies, "flows" | "versions"> {
  readonly attachments: AttachmentStore;
  readonly runIndex: RunIndex;
  readonly steps: StepStore;
}

export interface SweepDependencies
  extends DrainDependencies,
    RenewDependencies,
    DetachDependencies,
    FlowDeletionDependencies,
    Pick<IncidentDependencies, "incidents">,
    BulkDependencies {
  readonly due: DueIndex;
  readonly events: Events;
  readonly workspaces: WorkspaceStore;
  readonly settings: SettingsStore;
}

export interface WorkspaceDependencies {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
  readonly views: ViewStore;
}

export interface PublishDependencies {
  readonly events: Events;
  readonly log: Log;
  readonly metrics: Metrics;
}
