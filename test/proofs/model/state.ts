import type { Json, JsonObject } from "../../../shared/model/json/json.ts";

/** One branch of a part: its tasks one after the other, each with a gate of its own where the part is a Parallel or a Map. */
export interface Lane {
  readonly fns: readonly string[];
  index: number;
  doc: JsonObject;
  stage: "gate" | "call" | "backoff" | "done";
  /** Of a back-off, epoch milliseconds. */
  until?: number;
}

/** What a run does inside a part that its gate has let it enter. */
export type Inside =
  | { readonly kind: "lanes"; readonly gated: boolean; readonly lanes: Lane[] }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "approval"; answer?: "approved" | "rejected" };

export interface ModelRun {
  /** The model's own name; the API's id is known once the run has been seen. */
  readonly name: string;
  runId?: string;
  readonly flowId: string;
  /** Which of the flows that had this id one after the other. */
  readonly life: number;
  readonly version: number;
  readonly shape: string;
  readonly payload: JsonObject;
  readonly replayOf?: string;
  /** Keeps the idempotency key that it was dispatched with, and which of its bodies. */
  readonly key?: string;
  readonly body?: number;
  /** Where a replay begins. */
  readonly startAt: number;
  status: "pending" | "running" | "paused" | "waiting" | "completed" | "failed" | "cancelled";
  /** A person's pause; the flow's is the flow's own. */
  userPaused: boolean;
  /** Has a place in the queue: it waits there, or was paused there. */
  placed: boolean;
  /** Has been through a gate. */
  began: boolean;
  at: number;
  inside?: Inside;
  doc: JsonObject;
  /** What it entered each part with, the last time. */
  readonly inputs: Record<number, JsonObject>;
  failedAt?: number;
  deletedAt?: number;
  /** Of the approval that it was last seen to wait for. */
  stepId?: string;
  /** As it was last read. */
  rev?: number;
}

export interface ModelFlow {
  readonly flowId: string;
  exists: boolean;
  life: number;
  /** The active version, 0 before the first. */
  version: number;
  /** Shape by number of the version. */
  versions: Record<number, string>;
  mode: "queue" | "reject";
  /** Ends of its holds, epoch milliseconds. */
  holds: { manual?: number; throughput?: number };
  /** Records a UTC day. */
  cap?: number;
  /** Records of the day, between so many: what was tried twice may have been counted twice. */
  used: { day: number; least: number; most: number };
}

/** All that the model knows. Plain data: it is copied before each command, since what a fault cut off may be either way. */
export interface Model {
  now: number;
  readonly flows: Record<string, ModelFlow>;
  readonly runs: Record<string, ModelRun>;
  blocked: string[];
  failing: string[];
  /** How often each step of each record is to begin: `<function> <record> <item>`. */
  readonly calls: Record<string, number>;
  /** Steps that may have been stopped before they began, by a sibling's failure. */
  readonly perhaps: Record<string, true>;
  /** Numbers what is made, so that names are unique. */
  made: number;
}

export const newModel = (now: number, flowIds: readonly string[]): Model => ({
  now,
  flows: Object.fromEntries(
    flowIds.map((flowId) => [
      flowId,
      {
        ...{ flowId, exists: false, life: 0, version: 0, versions: {}, mode: "queue" as const, holds: {} },
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
});

export const copyOf = (model: Model): Model => structuredClone(model);
export const isHeld = ({ holds }: ModelFlow): boolean =>
  holds.manual !== undefined || holds.throughput !== undefined;
export const isOver = ({ status }: ModelRun): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";
/** It stands in the queue, without an execution. */
export const waitsInQueue = (run: ModelRun): boolean => run.placed && run.status === "pending";
export const liveRuns = (model: Model): ModelRun[] =>
  Object.values(model.runs).filter(({ deletedAt }) => deletedAt === undefined);
/** Whether its flow is the one that it was dispatched to. */
export const flowOf = (model: Model, { flowId, life }: ModelRun): ModelFlow | undefined => {
  const flow = model.flows[flowId];
  return flow?.exists && flow.life === life ? flow : undefined;
};

export const callKey = (fn: string, event: Json): string => {
  const { id, n } = event as { id?: string; n?: number };
  return `${fn} ${id} ${n ?? ""}`;
};
