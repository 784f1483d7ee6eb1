import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { WhileHeld } from "../../../shared/model/triggers.ts";

/** One branch of a part: a sequence of tasks. Inside a Parallel or a Map, each task has a gate of its own. */
export interface Lane {
  readonly fns: readonly string[];
  index: number;
  doc: JsonObject;
  stage: "gate" | "call" | "backoff" | "done";
  /** The end of the back-off, epoch milliseconds. */
  until?: number;
}

/** The progress of a run inside a part that its gate has let it enter. */
export type Inside =
  | { readonly kind: "lanes"; readonly gated: boolean; readonly lanes: Lane[] }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "approval"; answer?: "approved" | "rejected" };

export interface ModelRun {
  /** The model's own name. The run's id is known once the API has shown the run. */
  readonly name: string;
  runId?: string;
  readonly flowId: string;
  /** Counts the flows that have had this id: a flow may be deleted and created again. */
  readonly life: number;
  /** Of a queued run, that of its dispatch. */
  version: number;
  shape: string;
  /** Begins on its own version, even if another is active when it leaves the queue. */
  readonly keepsVersion: boolean;
  readonly payload: JsonObject;
  readonly replayOf?: string;
  /** The idempotency key that the run was dispatched with, and the variant of the body. */
  readonly key?: string;
  readonly body?: number;
  /** The index of the part that a replay starts with. */
  readonly startAt: number;
  status: "pending" | "running" | "paused" | "waiting" | "completed" | "failed" | "cancelled";
  /** Paused by a user. The hold of the flow is kept with the flow. */
  userPaused: boolean;
  /** The index of the part before which the run is to be paused. */
  pauseBefore?: number;
  /** After a resume for a number of steps: how many may still begin. */
  stepsLeft?: number;
  /** Paused by an error, at the part that failed. */
  halted: boolean;
  /** Whether the failure of the current part halts the run: the flow's setting when the part began. */
  haltsOnFailure: boolean;
  /** Has a place in a queue, where it is pending or was paused. */
  placed: boolean;
  /** The queue is that of a key of its flow's limit, not that of the flow's holds. */
  waits: boolean;
  /** Holds a slot. It keeps it when the limit is removed. */
  slot: boolean;
  /** Others started its execution, which therefore exists in a queue, too. */
  readonly native: boolean;
  /** The highest starts first. */
  readonly priority: number;
  /** Counts all runs. Of one priority, the first starts first. */
  readonly order: number;
  /** Has passed a gate. */
  began: boolean;
  at: number;
  inside?: Inside;
  doc: JsonObject;
  /** The input of each part, when the run last entered it. */
  readonly inputs: Record<number, JsonObject>;
  failedAt?: number;
  deletedAt?: number;
  /** The step of the approval that the run last waited for. */
  stepId?: string;
  /** The revision that the API last showed. */
  rev?: number;
  /** As the API has shown it. ISO 8601. */
  createdAt?: string;
}

/** The owner of a flow's machine, and how its text gets gates: Sluice publishes, attaches, or binds what a template has deployed. */
export type FlowKind = "published" | "attached" | "registered";

/** A person's hold on one part of a flow, by its index in all versions. */
export interface StepHold {
  readonly at: number;
  /** Epoch milliseconds. */
  readonly until: number;
  /** Known once the API has shown the hold. */
  holdId?: string;
}

export interface ModelTrigger {
  readonly whileHeld: WhileHeld;
  readonly enabled: boolean;
  /** The id in the payload of its records. */
  readonly record: string;
  /** The name of the run of its newest record, if an older one gives way to it. */
  readonly latest?: string | undefined;
}

export interface ModelFlow {
  readonly flowId: string;
  readonly kind: FlowKind;
  /** The flow is bound to a team's machine at this moment. */
  bound: boolean;
  exists: boolean;
  life: number;
  /** The active version, 0 before the first. */
  version: number;
  /** Shape by number of the version. */
  versions: Record<number, string>;
  mode: "queue" | "reject";
  /** Whether a run whose part fails for good is halted. */
  holdsFailures: boolean;
  /** The planned pause, of the whole flow or of one part; times in epoch milliseconds. */
  plan?: { startAt: number; resumeAt: number; mode: "queue" | "reject"; at?: number };
  /** A canary of one run, while it lasts. */
  canary?: { since: number; until: number; run?: string; readonly taken: string[] };
  trigger?: ModelTrigger;
  /** When an event of a trigger was last delivered, epoch milliseconds. */
  firedAt?: number;
  /** Until then, runs that have passed a gate go on, epoch milliseconds. Only beside the manual hold. */
  finishUntil?: number;
  /** The ends of the holds on the whole flow, epoch milliseconds. */
  holds: { manual?: number; throughput?: number; errors?: number };
  /** The holds on single parts. */
  stepHolds: StepHold[];
  /** Records per UTC day. */
  cap?: number;
  /** Whether the first failure holds the flow. */
  errorCap: boolean;
  /** The concurrency limit: of all runs, or of those whose ids end with an even digit and those with an odd one. */
  limit?: { readonly most: number; readonly byDigit: boolean };
  /** Bounds of the number of records counted today: a retry may have counted a record twice. */
  used: { day: number; least: number; most: number };
}

/** The whole model. It is plain data and copied before each command, since a command that a fault interrupts may have taken effect or not. */
export interface Model {
  now: number;
  readonly flows: Record<string, ModelFlow>;
  readonly runs: Record<string, ModelRun>;
  blocked: string[];
  failing: string[];
  /** Expected number of calls of each step: `<function> <record> <item>`. */
  readonly calls: Record<string, number>;
  /** Steps that a sibling's failure may have stopped before they began. */
  readonly perhaps: Record<string, true>;
  /** Number of runs so far, for unique names. */
  made: number;
  /** Number of triggers that were put. */
  puts: number;
  /** A drain has put a record before others that wait for the same slots: it is random which of them gets one that comes free meanwhile. */
  overtakes: boolean;
}

export const newModel = (now: number, kinds: Readonly<Record<string, FlowKind>>): Model => ({
  now,
  flows: Object.fromEntries(
    Object.entries(kinds).map(([flowId, kind]) => [
      flowId,
      {
        ...{
          flowId,
          kind,
          bound: false,
          exists: false,
          life: 0,
          version: 0,
          versions: {},
          mode: "queue" as const,
          holds: {},
          stepHolds: [],
          errorCap: false,
          holdsFailures: false,
        },
        used: { day: -1, least: 0, most: 0 },
      },
    ]),
  ),
  runs: {},
  blocked: [],
  failing: [],
  calls: {},
  perhaps: {},
  made: 0,
  puts: 0,
  overtakes: false,
});

export const copyOf = (model: Model): Model => structuredClone(model);
/** In the order of the alphabet. */
export const HOLDS = ["errors", "manual", "throughput"] as const;
export const isHeld = ({ holds }: ModelFlow): boolean => HOLDS.some((kind) => holds[kind] !== undefined);
export const isOver = ({ status }: ModelRun): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";
/** Whether the run is queued and has no execution yet. */
export const waitsInQueue = (run: ModelRun): boolean => run.placed && run.status === "pending";
/** Whether the run waits for a slot of its flow's limit. */
export const waitsForSlot = (run: ModelRun): boolean => waitsInQueue(run) && run.waits;
export const liveRuns = (model: Model): ModelRun[] =>
  Object.values(model.runs).filter(({ deletedAt }) => deletedAt === undefined);
/** The flow that the run was dispatched to, unless it was deleted since. */
export const flowOf = (model: Model, { flowId, life }: ModelRun): ModelFlow | undefined => {
  const flow = model.flows[flowId];
  return flow?.exists && flow.life === life ? flow : undefined;
};
