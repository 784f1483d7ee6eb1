import { type Kept, keeps } from "../../model/holds/keeps.ts";
import { passFor } from "../../model/holds/pass.ts";
import { type GateEvent, TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { ConcurrencyCap } from "../../model/schemas/flow.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal, type Transition } from "../../model/transitions.ts";
import type { HoldItem } from "../../store/flows/holds.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunWriteResult } from "../../store/runs/run-write.ts";
import type { StatusChange } from "../../store/runs/status-change.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { UnstorableError } from "../../store/table.ts";
import { type GateDependencies, orWarn, type StateGateDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { endUnstorable, UNSTORABLE } from "../runs/fail-run.ts";
import { changeByActor, changeBySystem } from "../runs/status-change.ts";
import { countRun } from "../slots/count-open-runs.ts";
import { passOnSlots } from "../slots/pass-on-slot.ts";
import { accessDenial } from "../steps/step-access.ts";
import { enteredAt, isTopLevel, stepIdOf } from "../steps/visit.ts";
import { currentStepOf, decideGate, type GateDecision, type GateQuestion } from "./decide-gate.ts";
import { type FlowSays, outputOf, questionOf, runIdOf, stepOf } from "./gate-question.ts";
import { historyBudgetAfter } from "./history-budget.ts";
import { managedRun, nativeName, type OwnRun, ownRun } from "./own-run.ts";
import { countCost } from "./spend-cap.ts";
import { TaskError } from "./task-error.ts";

/** Extra checks of a gate that runs as a state: the history budget and the step's cost. */
interface StateGateChecks {
  /** What the step says about its gate. */
  readonly recorded?: Pick<StepItem, "inlineGate">;
  /** Returns how many events may follow before the history is checked again. Throws `continueAsNew` if it is nearly full. */
  historyBudget(run: RunItem | undefined, kept: Kept | undefined): Promise<number | undefined>;
  /**
   * Returns the run of the visit as it was read, or creates that of a native execution. Throws `notARun` if the run that was read belongs
   * to another execution, and `LeftAlone` if the flow was detached.
   */
  own(event: GateEvent, read: RunItem | undefined): Promise<OwnRun>;
  /** Gives a run without a slot one of its flow's concurrency limit, which is younger than the run. Absent where a gate may not. */
  readonly takeSlot?: (run: RunItem, cap: ConcurrencyCap) => Promise<RunItem>;
  /** Called after the write that ended the run. Never throws, because the sweeper releases its slot otherwise. */
  ended(run: RunItem): Promise<unknown>;
  /** Counts the step's cost before the visit passes. Returns the flow's holds if the cap holds it. */
  count(
    question: GateQuestion,
    run: RunItem | undefined,
    hold: HoldItem | undefined,
  ): Promise<Kept | undefined>;
}

/**
 * Lets a visit pass, or throws a TaskError with the reason. The flow's hold is read first, a cost is counted against its cap,
 * and a conditional write of the run decides: once a pause is acknowledged, no step starts unless its gate decided before. It
 * is called at least once for a visit, and every call for one visit gets the same answer. If this process dies after the
 * decision, the step's record or the answer is missing: the flow calls again, gets the same answer, and the record is written
 * then.
 */
export const passGate = (deps: StateGateDependencies, event: GateEvent): Promise<void> =>
  pass(deps, event, {
    historyBudget: (run, kept) => historyBudgetAfter(deps, event, run, kept),
    own: (given, read) => ownRun(deps, given, read),
    takeSlot: async (run, cap) => {
      const failed =
        "A run under way could not be given a slot of its flow's new limit; its next gate will do it";
      const counted = await orWarn(deps, run, failed, async () => {
        const { run: current, freed } = await countRun(deps, run, cap);
        if (freed !== undefined) await passOnSlots(deps, run, freed);
        return current;
      });
      return counted ?? run;
    },
    ended: (run) => {
      const failed = "The slot of a run that ended could not be handed on; the sweeper will hand it on";
      return orWarn(deps, run, failed, () => deps.limits.release(deps, run));
    },
    count: (question, run, hold) => countCost(deps, event, question, run, hold),
  });

/**
 * The gate inside a user's function, for steps without a cost. It makes the same checks and writes, with that function's
 * permissions.
 */
export const passInlineGate = (deps: GateDependencies, event: GateEvent): Promise<void> =>
  pass(deps, event, {
    recorded: { inlineGate: 1 },
    historyBudget: async () => undefined,
    own: async (given, run) => ({ run: managedRun(given, run) }),
    // A user's function may not start runs. The end of the execution does.
    ended: async () => undefined,
    count: async () => undefined,
  });

/**
 * Ends the run if the table rejects what this visit would write: otherwise, Step Functions would call the gate again forever.
 */
const pass = async (deps: GateDependencies, event: GateEvent, checks: StateGateChecks): Promise<void> => {
  try {
    await check(deps, event, checks);
  } catch (error) {
    if (!(error instanceof UnstorableError)) throw error;
    const { runId, attempt } = runIdOf(event.execution);
    const run = await deps.runs.get(event.workspace, runId);
    if (run !== undefined) await endUnstorable(deps, run, event.state, attempt);
    throw new TaskError("closed", UNSTORABLE);
  }
};

const check = async (deps: GateDependencies, given: GateEvent, checks: StateGateChecks): Promise<void> => {
  const starts = given.kind === "step" || given.kind === "wait";
  const hold = starts ? await deps.holds.get(given.workspace, given.flowId, given.incarnation) : undefined;
  const cap = checks.takeSlot === undefined ? undefined : hold?.caps?.concurrency;
  const first = await tryCommonCase(deps, given, hold, cap != null);
  if (first.ok) {
    await addStep(deps, given, undefined, checks.recorded);
    return;
  }
  const { run: found, counted } = await checks.own(given, first.current);
  const lacksSlot = cap != null && found !== undefined && found.slot === undefined;
  const run = lacksSlot ? await checks.takeSlot?.(found, cap) : found;
  const keptBy = (flow: typeof counted) => keeps(flow, run, run?.version, given.state, deps.clock.now());
  const kept = keptBy(hold) ?? keptBy(counted);
  const event = aboutCurrentStep(given, run);
  if (!starts && isOpen(run)) await keepOutput(deps, event);
  const historyBudget = await checks.historyBudget(run, kept);
  const denial = await accessDenial(deps, event, run);
  const now = deps.clock.now();
  const says = event.kind === "fail" ? await settingOf(deps, event, run) : hold;
  const question = questionOf(event, saysOf(says, kept), denial !== undefined, now);
  const capped = denial === undefined ? await checks.count(question, run, hold) : undefined;
  const asked = capped === undefined ? question : { ...question, kept: capped };
  await decideAndWrite(deps, event, { question: asked, historyBudget, ended: checks.ended }, run);
  if (!starts) return;
  if (denial === undefined && isOver(event, run)) return;
  if (denial === undefined) return addStep(deps, event, question.waitingOn, checks.recorded);
  if (event.child !== undefined) throw new TaskError("accessDenied", denial);
  const at = iso(deps.clock.now());
  const error = { error: TASK_ERRORS.accessDenied, cause: denial };
  await deps.steps.add(event.workspace, runIdOf(event.execution).runId, {
    ...stepOf(event, now, question.waitingOn),
    end: { at, status: "failed", error },
  });
  throw new TaskError("accessDenied", denial);
};

/** Reads the flow's setting for a run that fails before its first step, because no gate has stored it. */
const settingOf = async (
  deps: GateDependencies,
  { workspace, flowId, incarnation }: GateEvent,
  run: RunItem | undefined,
): Promise<HoldItem | undefined> =>
  run === undefined || run.currentStep !== undefined || isTerminal(run.status)
    ? undefined
    : deps.holds.get(workspace, flowId, incarnation);

const saysOf = (hold: HoldItem | undefined, kept: Kept | undefined): FlowSays => ({
  ...{ kept, onFailure: hold?.onFailure },
  countsCompletion: hold?.caps?.errors?.percent !== undefined || hold?.ramp?.stopOn?.percent !== undefined,
});

/** A failure that names no state is that of the run's current step: its gate was the newest to let a step begin. */
const aboutCurrentStep = (event: GateEvent, run: RunItem | undefined): GateEvent => {
  if (event.kind !== "fail" || event.state !== "" || run?.currentStep === undefined) return event;
  const { name, entered } = run.currentStep;
  return { ...event, state: name, entered };
};

/**
 * Whether a visit at the top level has been over for long, since a later one has begun. Either it passed and has its step, or it was
 * refused, and the visit after its park has one.
 */
const isOver = (event: GateEvent, run: RunItem | undefined): boolean =>
  isTopLevel(event) && run?.currentStep !== undefined && enteredAt(event) < run.currentStep.entered;

/**
 * The common case is one write without a read: a running run enters its next step. If the flow is held, the write is rejected for a run that
 * does not pass. All other cases start with reading the run.
 */
const tryCommonCase = async (
  deps: GateDependencies,
  event: GateEvent,
  hold: HoldItem | undefined,
  needsSlot: boolean,
): Promise<RunWriteResult> => {
  const { runId, attempt } = runIdOf(event.execution);
  const now = deps.clock.now();
  // A hold that may keep only some versions is asked again when the run has been read.
  const mayBeKept = keeps(hold, undefined, undefined, event.state, now) !== undefined;
  const pass = hold !== undefined && mayBeKept ? passFor(hold, event.state, now) : {};
  const asks = event.requires !== undefined || (event.cost ?? 0) > 0;
  const common = event.kind === "step" && isTopLevel(event) && !asks;
  if (common && pass !== undefined) {
    return deps.runs.enterStep(event.workspace, runId, {
      ...{ incarnation: event.incarnation, machine: event.attached?.machine },
      ...{ execution: nativeName(event), attempt },
      currentStep: currentStepOf(questionOf(event, saysOf(hold, undefined), false, 0)),
      now: iso(now),
      ...{ needsSlot, pass },
      ...(event.growth === undefined ? {} : { growth: event.growth }),
    });
  }
  const current = await deps.runs.get(event.workspace, runId);
  return current === undefined ? { ok: false } : { ok: false, current };
};

const decideAndWrite = (
  deps: GateDependencies,
  event: GateEvent,
  {
    question,
    historyBudget,
    ended,
  }: {
    readonly question: GateQuestion;
    readonly historyBudget: number | undefined;
    readonly ended: StateGateChecks["ended"];
  },
  current: RunItem | undefined,
): Promise<void> => {
  let run = current;
  let counted = false;
  return retryOnConflict<void>(
    deps,
    async () => {
      const now = deps.clock.now();
      const decision = await decide(deps, event, run, question, now);
      if (decision.kind === "refuse") throw new TaskError(decision.why);
      if (decision.kind === "pass" || run === undefined) return undefined;
      // The park of a child writes the hold: if a late copy of its gate did, no park would end it.
      if (event.child !== undefined && pauses(decision)) throw new TaskError("paused");
      if (decision.transitions.includes("hold") && !asksAgain(event) && (await hasBegun(deps, event)))
        return undefined;
      if (!counted && isFailure(decision)) {
        await deps.ends.failure(run);
        counted = true;
      }
      const written = await write(deps, run, decision, now, historyBudget);
      if (!written.ok) {
        run = written.current;
        return "conflict";
      }
      if (isTerminal(written.run.status)) await ended(written.run);
      if (decision.answer !== "pass") throw new TaskError(decision.answer);
      if (decision.transitions.includes("complete") && run.currentStep?.countsCompletion === true)
        await deps.ends.completion(run);
      return undefined;
    },
    () => new Error(`The run changes too fast for the gate of ${event.kind}`),
  );
};

const pauses = ({ transitions }: { readonly transitions: readonly Transition[] }): boolean =>
  transitions.includes("hold") || transitions.includes("pause");

/** A branch's visit that has begun is not stopped by a breakpoint. Only its step shows that, so it is read where a breakpoint would stop it. */
const decide = async (
  deps: GateDependencies,
  event: GateEvent,
  run: RunItem | undefined,
  question: GateQuestion,
  now: number,
): Promise<GateDecision> => {
  const decision = decideGate(run, question, now);
  if (decision.kind !== "write" || decision.ordered === undefined) return decision;
  if (question.topLevel || event.child !== undefined || !(await hasBegun(deps, event))) return decision;
  return decideGate(run, { ...question, begun: true }, now);
};

/** Whether the run fails or is halted by this decision. */
const isFailure = ({ transitions }: Extract<GateDecision, { kind: "write" }>): boolean =>
  transitions.includes("fail") || transitions.includes("halt");

/**
 * Whether this is a late copy of a branch's gate. Its step exists, so it passed, and no park would end a hold that it wrote.
 */
const hasBegun = async (deps: GateDependencies, event: GateEvent): Promise<boolean> => {
  const { workspace, execution } = event;
  return (await deps.steps.get(workspace, runIdOf(execution).runId, stepIdOf(event))) !== undefined;
};

/** Whether this is a retry of a step with an inline gate: each attempt asks again, even though its visit has begun. */
const asksAgain = ({ retry = 0 }: GateEvent): boolean => retry > 0;

const write = (
  deps: GateDependencies,
  run: RunItem,
  decision: Extract<GateDecision, { kind: "write" }>,
  now: number,
  historyBudget: number | undefined,
): Promise<RunWriteResult> => {
  const { ordered } = decision;
  const [first, ...rest]: StatusChange[] = decision.transitions.map((transition) =>
    transition === "pause" && ordered !== undefined
      ? changeByActor(transition, ordered.by, now, { reason: ordered.reason })
      : changeBySystem(transition, now),
  );
  const counts = historyBudget !== undefined && decision.answer === "pass";
  const patch = counts
    ? { ...decision.patch, set: { ...decision.patch.set, historyBudget } }
    : decision.patch;
  return first === undefined
    ? deps.runs.updateAttributes(run, patch)
    : deps.runs.changeStatus(run, [first, ...rest], patch);
};

const addStep = async (
  deps: GateDependencies,
  event: GateEvent,
  wait: GateQuestion["waitingOn"],
  recorded: StateGateChecks["recorded"] = {},
): Promise<void> => {
  if (event.child !== undefined) return; // a Distributed Map's step counts its children
  const step = { ...stepOf(event, deps.clock.now(), wait), ...recorded };
  await deps.steps.add(event.workspace, runIdOf(event.execution).runId, step);
};

/**
 * Whether the run is still open. A late copy of the last gate stores nothing for a run that has ended, since nobody would
 * delete it.
 */
const isOpen = (run: RunItem | undefined): boolean =>
  run !== undefined && run.deleted !== true && !isTerminal(run.status);

/**
 * Stores the output before the run ends, so that a run that has ended has its output. An output that is too long for the gate
 * is read from the history.
 */
const keepOutput = async (deps: GateDependencies, event: GateEvent): Promise<void> => {
  await deps.runs.putOutput(event.workspace, runIdOf(event.execution).runId, outputOf(event));
};
