import type { Kept } from "../../model/holds/keeps.ts";
import type { GateEvent } from "../../model/machines/task-events.ts";
import type { WaitingOn } from "../../model/schemas/run.ts";
import { durationMilliseconds, iso } from "../../model/time/clock.ts";
import { isTerminal, type Transition } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Patch } from "../../store/runs/status-change.ts";
import { failed } from "../runs/failures/failure-group.ts";
import { waitsForSlot } from "../runs/queued-run.ts";
import { deadlineAfterPause, ending, markResumed, standing, standsOnError } from "../runs/status-change.ts";
import type { Failure } from "../steps/failure.ts";
import { type OrderedPause, orderedPause, pausedBefore, steppingOn } from "./breakpoint.ts";

/** A gate's request, derived from its event. `now` and the deadline are epoch milliseconds. */
export interface GateQuestion {
  readonly kind: GateEvent["kind"];
  readonly topLevel: boolean;
  readonly attempt: number;
  readonly state: string;
  readonly stepId: string;
  /** ISO 8601. */
  readonly entered: string;
  /** Earlier attempts of the visit, if each attempt asks again. */
  readonly retry?: number;
  readonly waitingOn?: WaitingOn;
  readonly failure?: Failure;
  readonly timeoutSeconds?: number;
  /** The flow's holds on this state when they were read, before the run. Absent if nothing kept it. */
  readonly kept?: Kept;
  /** The visit has passed its gate before, as its step's record shows. */
  readonly begun?: boolean;
  /** The flow's setting, if it was read. */
  readonly onFailure?: "pause";
  /** Whether the flow has an error cap, or a ramp, that stops at a share. */
  readonly countsCompletion?: true;
}

type GateRefusal = "paused" | "closed" | "timedOut" | "arrival";
export type GateDecision =
  | { readonly kind: "pass" }
  | { readonly kind: "refuse"; readonly why: GateRefusal }
  /** Write these transitions, if any, and the patch to the run as it was read, then pass or refuse. */
  | {
      readonly kind: "write";
      readonly transitions: readonly Transition[];
      readonly patch: Patch;
      readonly answer: "pass" | GateRefusal;
      /** The order of the pause among the transitions, with the person who gave it. */
      readonly ordered?: OrderedPause;
    };

const refuse = (why: GateRefusal): GateDecision => ({ kind: "refuse", why });
const PASS: GateDecision = { kind: "pass" };

/** Decides whether a visit passes. Repeated calls for a visit that has passed get the same answer. */
export const decideGate = (run: RunItem | undefined, gate: GateQuestion, now: number): GateDecision => {
  if (run === undefined || run.deleted === true) return refuse("closed");
  if (run.attempt !== gate.attempt) return hasHalted(run, gate) ? PASS : refuse("closed");
  if (isTerminal(run.status)) return afterTheEnd(run, gate);
  if (gate.kind === "fail") return fail(run, gate, now);
  const arriving = arrival(run, gate);
  if (arriving !== undefined) return arriving;
  if (run.pausedBy?.kind === "user") return decidedBefore(run, gate) ? PASS : refuse("paused");
  // It is woken when it gets a slot.
  if (waitsForSlot(run) && isStart(gate)) return refuse("paused");
  if (isPast(run, now)) return endOnTimeout(run, now);
  if (gate.kind === "complete") return end(run, gate, now);
  if (decidedBefore(run, gate)) return PASS;
  if (gate.kept !== undefined) return hold(run, gate.kept, gate.topLevel, now);
  const ordered = orderedPause(run, gate);
  if (ordered !== undefined) return stop(run, gate, ordered, now);
  return gate.topLevel ? enterStep(run, gate, now) : enterNested(run, gate, now);
};

const isStart = ({ kind }: GateQuestion): boolean => kind === "step" || kind === "wait";

/** Whether this is a retry of the gate that halted the run. */
const hasHalted = (run: RunItem, { kind, attempt }: GateQuestion): boolean =>
  kind === "fail" && standsOnError(run) && run.continuedFrom === attempt;

/**
 * A run halts if its flow's setting said so when the step began; before its first step, the current setting counts. A run past its deadline
 * still fails.
 */
const fail = (run: RunItem, gate: GateQuestion, now: number): GateDecision => {
  const { onFailure } = run.currentStep ?? gate;
  const halts = onFailure === "pause" && !isPast(run, now);
  if (!halts || gate.failure === undefined) return end(run, gate, now);
  return { kind: "write", transitions: ["halt"], patch: standing(run, gate.failure, now), answer: "pass" };
};

/**
 * The first visit of an execution that continues a run of an attached flow leads to the place where the run continues. The write notes the
 * visit, so that each call for it gets this answer, and no later visit does. Holds wait for the gate of that place, so that the run stands
 * there. Managed flows have a machine that begins at the place.
 */
const arrival = (run: RunItem, { attempt, stepId: visit }: GateQuestion): GateDecision | undefined => {
  const { machine, entry, continuedFrom, startState, arrived } = run;
  if (machine === undefined || (entry ?? continuedFrom ?? startState) === undefined) return undefined;
  if (arrived?.attempt === attempt) return arrived.visit === visit ? refuse("arrival") : undefined;
  return {
    ...{ kind: "write", transitions: [], answer: "arrival" },
    patch: { set: { arrived: { attempt, visit } } },
  };
};

/** A retry of the gate that ended the run gets the same answer. Every other gate is closed. */
const afterTheEnd = (run: RunItem, gate: GateQuestion): GateDecision => {
  if (gate.kind === "complete" && run.status === "completed") return PASS;
  if (gate.kind === "fail" && run.status === "failed") return PASS;
  return refuse(run.status === "failed" && run.error?.error === TIMEOUT.error ? "timedOut" : "closed");
};

/**
 * Whether the visit has passed its gate before: it is the run's newest visit, or an older one. The answer stays the same,
 * because it starts nothing that was not decided before a pause. A later attempt of the newest visit asks again.
 */
const decidedBefore = (run: RunItem, gate: GateQuestion): boolean => {
  const { currentStep } = run;
  if (!gate.topLevel || !(gate.kind === "step" || gate.kind === "wait") || currentStep === undefined)
    return false;
  if (gate.stepId !== currentStep.stepId) return gate.entered < currentStep.entered;
  return (gate.retry ?? 0) <= (currentStep.retry ?? 0);
};

/** Returns the visit in the form that the run stores while it is the newest. */
export const currentStepOf = ({
  state,
  stepId,
  entered,
  retry = 0,
  onFailure,
  countsCompletion,
}: Pick<
  GateQuestion,
  "state" | "stepId" | "entered" | "retry" | "onFailure" | "countsCompletion"
>): NonNullable<RunItem["currentStep"]> => ({
  ...{ name: state, stepId, entered },
  ...(retry === 0 ? {} : { retry }),
  ...(onFailure === undefined ? {} : { onFailure }),
  ...(countsCompletion === undefined ? {} : { countsCompletion }),
});

/** The deadline of a paused run does not pass. */
const isPast = (run: RunItem, now: number): boolean =>
  run.status !== "paused" && run.deadline !== undefined && Date.parse(run.deadline) <= now;

export const TIMEOUT: Failure = { error: "States.Timeout", cause: "", state: "" };

const endOnTimeout = (run: RunItem, now: number): GateDecision => {
  const { set, remove } = ending(now);
  return {
    kind: "write",
    transitions: ["fail"],
    patch: { set: { ...set, ...failed(run, TIMEOUT, now) }, remove: [...remove, "intent"] },
    answer: "timedOut",
  };
};

const end = (run: RunItem, gate: GateQuestion, now: number): GateDecision => {
  const { set, remove } = ending(now);
  const error = gate.failure === undefined ? {} : failed(run, gate.failure, now);
  const started = run.startedAt === undefined ? { startedAt: gate.entered } : {};
  return {
    kind: "write",
    transitions: [gate.kind === "fail" ? "fail" : "complete"],
    patch: { set: { ...set, ...error, ...started }, remove: [...remove, "intent"] },
    answer: "pass",
  };
};

/** A hold on a state inside a branch leaves the run's status, since other branches may go on. */
const hold = (run: RunItem, kept: Kept, topLevel: boolean, now: number): GateDecision => {
  if (run.status === "paused" || (kept.partly && !topLevel)) return refuse("paused");
  return { kind: "write", transitions: ["hold"], patch: heldByFlow(kept, now), answer: "paused" };
};

/** The attributes of a run that its flow holds. */
export const heldByFlow = ({ holdIds }: Kept, now: number): Patch => ({
  set: { updatedAt: iso(now), pausedBy: { kind: "flow", at: iso(now), holdIds: [...holdIds] } },
  remove: ["waitingOn", "parkedAt", "neverParked"],
});

/**
 * The first gate completes the intent to start, in its own write. The intent's due time becomes the first check of a silent
 * run.
 */
const beginning = (run: RunItem, gate: GateQuestion, now: number): Patch => {
  const deadline = gate.timeoutSeconds;
  return {
    set: {
      startedAt: iso(now),
      ...(deadline === undefined ? {} : { deadline: iso(now + deadline * 1000) }),
      ...(run.intent === undefined ? {} : { checkAt: run.intent.due }),
      ...expectedFrom(run, now),
    },
    remove: ["intent"],
  };
};

const expectedFrom = ({ expect }: RunItem, now: number): Pick<RunItem, "expectedBy"> => {
  const time = expect === undefined ? undefined : durationMilliseconds(expect);
  return time === undefined ? {} : { expectedBy: iso(now + time) };
};

/** The transitions to `running`, if the run is not running already. */
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
          set: { ...set, ...deadlineAfterPause(run, now), ...markResumed(run) },
          remove: [...remove, "pausedBy", "parkedAt"],
        },
      };
    case "waiting":
      return { transitions: ["proceed"], patch: { set, remove: [...remove, "waitingOn"] } };
    default:
      return { transitions: [], patch: { set, remove } };
  }
};

/** Pauses the run at this gate, as a person ordered. From a gate that its flow held, or at which it waited, it first becomes running. */
const stop = (run: RunItem, gate: GateQuestion, ordered: OrderedPause, now: number): GateDecision => {
  const { transitions, patch } = toRunning(run, gate, now);
  const paused = pausedBefore(gate.state, ordered, now);
  const remove = new Set([...patch.remove, ...paused.remove]);
  remove.delete("pausedBy");
  return {
    kind: "write",
    transitions: [...transitions, "pause"],
    patch: { set: { ...patch.set, ...paused.set }, remove: [...remove] },
    answer: "paused",
    ordered,
  };
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
        ...steppingOn(run, gate),
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
