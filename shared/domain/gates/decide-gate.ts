import type { GateEvent } from "../../model/machines/task-events.ts";
import type { WaitingOn } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal, type Transition } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Patch } from "../../store/runs/status-change.ts";
import { ending, movedDeadline, stoodStill } from "../runs/status-change.ts";
import { type Failure, shortError } from "../steps/failure.ts";

/** What a gate asks, made of its event; `now` and the deadline are epoch milliseconds. */
export interface GateQuestion {
  readonly kind: GateEvent["kind"];
  readonly topLevel: boolean;
  readonly attempt: number;
  readonly state: string;
  readonly stepId: string;
  /** ISO 8601. */
  readonly entered: string;
  /** Attempts of the visit before this one, where each asks anew. */
  readonly retry?: number;
  readonly waitingOn?: WaitingOn;
  readonly failure?: Failure;
  readonly timeoutSeconds?: number;
  /** The flow's hold, as it was read before the run. */
  readonly held: boolean;
}

type GateRefusal = "paused" | "closed" | "timedOut";
export type GateDecision =
  | { readonly kind: "pass" }
  | { readonly kind: "refuse"; readonly why: GateRefusal }
  /** Write these transitions (none: only the patch) on the run exactly as it was read; then pass or refuse. */
  | {
      readonly kind: "write";
      readonly transitions: readonly Transition[];
      readonly patch: Patch;
      readonly answer: "pass" | GateRefusal;
    };

const refuse = (why: GateRefusal): GateDecision => ({ kind: "refuse", why });
const PASS: GateDecision = { kind: "pass" };

/** What a visit that is passed may count on: the same answer however often it is asked. */
export const decideGate = (run: RunItem | undefined, gate: GateQuestion, now: number): GateDecision => {
  if (run === undefined || run.deleted === true || run.attempt !== gate.attempt) return refuse("closed");
  if (isTerminal(run.status)) return afterTheEnd(run, gate);
  if (gate.kind === "fail") return end(gate, now);
  if (run.pausedBy?.kind === "user") return decidedBefore(run, gate) ? PASS : refuse("paused");
  if (isPast(run, now)) return endOnTimeout(now);
  if (gate.kind === "complete") return end(gate, now, run);
  if (decidedBefore(run, gate)) return PASS;
  if (gate.held) return hold(run, now);
  return gate.topLevel ? enterStep(run, gate, now) : enterNested(run, gate, now);
};

/** A retry of the gate that ended the run is answered as before; every other gate closes. */
const afterTheEnd = (run: RunItem, gate: GateQuestion): GateDecision => {
  if (gate.kind === "complete" && run.status === "completed") return PASS;
  if (gate.kind === "fail" && run.status === "failed") return PASS;
  return refuse(run.status === "failed" && run.error?.error === TIMEOUT.error ? "timedOut" : "closed");
};

/**
 * The run's newest visit has been let pass before, and one older than that long ago: the answer stays. It starts nothing
 * that had not been decided before a pause. A later attempt of the newest visit is a question of its own.
 */
const decidedBefore = (run: RunItem, gate: GateQuestion): boolean => {
  const { currentStep } = run;
  if (!gate.topLevel || !(gate.kind === "step" || gate.kind === "wait") || currentStep === undefined)
    return false;
  if (gate.stepId !== currentStep.stepId) return gate.entered < currentStep.entered;
  return (gate.retry ?? 0) <= (currentStep.retry ?? 0);
};

/** The visit as the run keeps it while it is the newest. */
export const currentStepOf = ({
  state,
  stepId,
  entered,
  retry = 0,
}: Pick<GateQuestion, "state" | "stepId" | "entered" | "retry">): NonNullable<RunItem["currentStep"]> => ({
  ...{ name: state, stepId, entered },
  ...(retry === 0 ? {} : { retry }),
});

/** A paused run's deadline does not run. */
const isPast = (run: RunItem, now: number): boolean =>
  run.status !== "paused" && run.deadline !== undefined && Date.parse(run.deadline) <= now;

export const TIMEOUT: Failure = { error: "States.Timeout", cause: "", state: "" };

const endOnTimeout = (now: number): GateDecision => {
  const { set, remove } = ending(now);
  return {
    kind: "write",
    transitions: ["fail"],
    patch: { set: { ...set, error: TIMEOUT }, remove: [...remove, "intent"] },
    answer: "timedOut",
  };
};

const end = (gate: GateQuestion, now: number, run?: RunItem): GateDecision => {
  const { set, remove } = ending(now);
  const error = gate.failure === undefined ? {} : { error: shortError(gate.failure) };
  const started = gate.kind === "complete" && run?.startedAt === undefined ? { startedAt: gate.entered } : {};
  return {
    kind: "write",
    transitions: [gate.kind === "fail" ? "fail" : "complete"],
    patch: { set: { ...set, ...error, ...started }, remove: [...remove, "intent"] },
    answer: "pass",
  };
};

const hold = (run: RunItem, now: number): GateDecision => {
  if (run.status === "paused") return refuse("paused");
  return {
    kind: "write",
    transitions: ["hold"],
    patch: {
      set: { updatedAt: iso(now), pausedBy: { kind: "flow", at: iso(now) } },
      remove: ["waitingOn", "parkedAt", "neverParked"],
    },
    answer: "paused",
  };
};

/** The first gate ends the start, without a write of its own: what was due for it is now the first look at a silent run. */
const beginning = (run: RunItem, gate: GateQuestion, now: number): Patch => {
  const deadline = gate.timeoutSeconds;
  return {
    set: {
      startedAt: iso(now),
      ...(deadline === undefined ? {} : { deadline: iso(now + deadline * 1000) }),
      ...(run.intent === undefined ? {} : { checkAt: run.intent.due }),
    },
    remove: ["intent"],
  };
};

/** The way back to `running`, where it is not there already. */
const toRunning = (
  run: RunItem,
  gate: GateQuestion,
  now: number,
): { transitions: Transition[]; patch: Required<Patch> } => {
  const began = run.startedAt === undefined ? beginning(run, gate, now) : {};
  const set = { ...began.set };
  const remove = began.remove ?? [];
  switch (run.status) {
    case "pending":
      return { transitions: ["begin"], patch: { set, remove } };
    case "paused":
      return {
        transitions: ["release"],
        patch: {
          set: { ...set, ...movedDeadline(run, now), ...stoodStill(run) },
          remove: [...remove, "pausedBy", "parkedAt"],
        },
      };
    case "waiting":
      return { transitions: ["proceed"], patch: { set, remove: [...remove, "waitingOn"] } };
    default:
      return { transitions: [], patch: { set, remove } };
  }
};

const enterStep = (run: RunItem, gate: GateQuestion, now: number): GateDecision => {
  const waits = gate.kind === "wait" && gate.waitingOn !== undefined;
  const { transitions, patch } = toRunning(run, gate, now);
  if (waits) transitions.push("wait");
  return {
    kind: "write",
    transitions,
    patch: {
      set: {
        ...patch.set,
        ...(transitions.length > 0 ? { updatedAt: iso(now) } : {}),
        ...(waits ? { waitingOn: gate.waitingOn } : {}),
        currentStep: currentStepOf(gate),
      },
      remove: waits ? patch.remove.filter((field) => field !== "waitingOn") : patch.remove,
    },
    answer: "pass",
  };
};

const enterNested = (run: RunItem, gate: GateQuestion, now: number): GateDecision => {
  if (run.status === "running" || run.status === "waiting") return PASS;
  const { transitions, patch } = toRunning(run, gate, now);
  return {
    kind: "write",
    transitions,
    patch: { ...patch, set: { ...patch.set, updatedAt: iso(now) } },
    answer: "pass",
  };
};
