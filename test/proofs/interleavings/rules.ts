import { isTerminal } from "../../../shared/model/transitions.ts";
import type { Answer } from "../../harness/clients/client.ts";
import { visitOf } from "../harness/event-visit.ts";
import { unheld, violations } from "../harness/ledger/invariants.ts";
import type { Ledger } from "../harness/ledger/ledger.ts";
import { waitingBesideFreeSlots } from "../harness/ledger/slot-invariants.ts";
import type { AwsCall, Invocation } from "../harness/observer.ts";
import { itemOf } from "./call-labels.ts";
import type { ScheduleObserver } from "./call-scheduler.ts";
import type { OperationName } from "./operations.ts";
import { incidentViolations } from "./promises/incidents.ts";
import { triggerViolations } from "./promises/triggers.ts";
import type { Situation } from "./situations.ts";
import { StopPromise } from "./stop-promise.ts";
import type { StepCall } from "./user-steps.ts";

/** Operations that may lift an acknowledged pause, from their beginning on. */
const LIFTS: Readonly<Record<"run" | "flow", readonly OperationName[]>> = {
  run: [
    ...(["resume the run", "resume the run for a step", "resume the run elsewhere"] as const),
    ...(["bulk resume", "bulk resume elsewhere", "bulk batch once more"] as const),
  ],
  // After a detach, gates let executions pass.
  flow: [
    ...(["resume the flow", "resume the flow slowly", "resume the flow with a canary"] as const),
    ...(["resolve the incident", "detach"] as const),
  ],
};

/** Operations that are answered before they take effect, and so may lift a later pause. */
const DEFERRED: readonly OperationName[] = ["bulk resume", "bulk resume elsewhere"];

/** Operations that promise, once they are acknowledged, that no step starts any more. */
const PROMISES: Readonly<Record<"run" | "flow" | "before", readonly OperationName[]>> = {
  before: ["pause the run before two"],
  run: ["pause the run", "cancel the run", "delete the run", "give the run up"],
  flow: ["pause the flow", "open an incident"],
};

/** The state of the breakpoint. */
const BREAKPOINT = "two";
/** Lets one more step begin, among the top-level states that call a function. */
const ONE_STEP: OperationName = "resume the run for a step";
const TOP_LEVEL = ["one", "two"];

/** The promises in force when a gate decided. Of all calls of one visit, the most lenient counts. */
interface Decision {
  run: boolean;
  flow: boolean;
  before: boolean;
}

/** The steps that have begun since a resume for one step, unless another operation may have lifted the pause after it. */
interface OneStep {
  readonly mark: string;
  readonly decidedBefore: ReadonlySet<string>;
  readonly begun: Set<string>;
  acknowledged: boolean;
}

/** Observes a schedule while it is played, and collects violations of the rules. */
export class Rules implements ScheduleObserver {
  readonly violations: string[] = [];
  readonly #run: StopPromise;
  readonly #flow: StopPromise;
  readonly #before = new StopPromise(false);
  #oneStep: OneStep | undefined;
  /** Whether the trigger has been one and the same. The queued records of a trigger that is deleted stay, beside those of its successor. */
  #keepsTrigger = true;
  /** Whether an operation began that may lift the pause of a run at any time after. */
  #lifts = 0;
  readonly #deciding = new Map<Invocation, Decision>();
  readonly #decided = new Map<string, Decision>();
  readonly #begun = new Map<string, number>();
  readonly #parking = new Map<Invocation, string>();
  /** Keys of parks whose writer died or failed afterwards. If the run has ended in the meantime, nothing looks for them. */
  readonly #orphans = new Set<string>();
  readonly #runId: string;
  /** The name of the execution that others started, and whose run this is. */
  readonly #execution: string | undefined;
  readonly #saw: (invocation: Invocation) => void;

  constructor(
    situation: Situation,
    { runId, execution }: { readonly runId: string; readonly execution?: string | undefined },
    saw: (invocation: Invocation) => void,
  ) {
    this.#run = new StopPromise(situation.runPaused === true);
    this.#flow = new StopPromise(situation.flowHeld === true);
    this.#runId = runId;
    this.#execution = execution;
    this.#saw = saw;
  }

  began(name: OperationName, mark: string): void {
    if (LIFTS.run.includes(name)) {
      this.#run.lift(mark);
      this.#before.lift(mark);
      this.#lifts += 1;
      const decidedBefore = new Set(this.#decided.keys());
      const isAlone = name === ONE_STEP && this.#lifts === 1;
      this.#oneStep = isAlone ? { mark, decidedBefore, begun: new Set(), acknowledged: false } : undefined;
    }
    if (name === "delete the trigger" || name === "delete the flow") this.#keepsTrigger = false;
    if (LIFTS.flow.includes(name)) this.#flow.lift(mark);
    if (PROMISES.run.includes(name)) this.#run.ask(mark);
    if (PROMISES.flow.includes(name)) this.#flow.ask(mark);
    if (PROMISES.before.includes(name)) this.#before.ask(mark);
  }

  ended(name: OperationName, mark: string, answer: Answer | undefined): void {
    if (!DEFERRED.includes(name)) {
      this.#run.lifted(mark);
      this.#before.lifted(mark);
    }
    this.#flow.lifted(mark);
    const acknowledged = answer !== undefined && answer.status < 300 && !isStillPlaced(answer);
    if (acknowledged && PROMISES.run.includes(name)) this.#run.give(mark, name !== "pause the run");
    if (acknowledged && PROMISES.flow.includes(name)) this.#flow.give(mark, false);
    if (acknowledged && PROMISES.before.includes(name)) this.#before.give(mark, false);
    if (this.#oneStep?.mark === mark) this.#oneStep.acknowledged = acknowledged;
  }

  /** Called when the schedule is over and everything is released. */
  released(): void {
    this.#run.lift("all");
    this.#flow.lift("all");
    this.#before.lift("all");
    this.#oneStep = undefined;
  }

  called(invocation: Invocation, call: AwsCall, refused: boolean): void {
    if (invocation.functionName === "sluice-park" && call.operation === "PutItem" && !refused)
      this.#parking.set(invocation, keyOf(itemOf(call)));
    if (invocation.functionName !== "sluice-gate") return;
    const decision = this.#deciding.get(invocation) ?? { run: false, flow: false, before: false };
    this.#deciding.set(invocation, decision);
    const item = itemOf(call);
    if (item?.SK === "HOLD") decision.flow = this.#flow.holds;
    if (item?.SK !== "RUN") return;
    if (item.PK.endsWith(this.#runId)) {
      decision.run = this.#run.holds;
      decision.before = this.#before.holds;
    }
    // A write that took effect decides, even if its process dies.
    if (call.operation === "UpdateItem" && !refused) this.#decide(invocation, decision);
  }

  answered(invocation: Invocation, succeeded: boolean): void {
    this.#saw(invocation);
    const parked = this.#parking.get(invocation);
    this.#parking.delete(invocation);
    if (parked !== undefined && !succeeded) this.#orphans.add(parked);
    const decision = this.#deciding.get(invocation);
    this.#deciding.delete(invocation);
    if (decision !== undefined && succeeded) this.#decide(invocation, decision);
  }

  stepBegan({ run, state }: StepCall): void {
    const visit = `${run} ${state}`;
    this.#begun.set(visit, (this.#begun.get(visit) ?? 0) + 1);
    const decision = this.#decided.get(visit);
    if (decision?.run === true && (run.startsWith(this.#runId) || run === this.#execution))
      this.violations.push(`${state} began after the run's pause, cancel or deletion was acknowledged`);
    if (decision?.before === true && state === BREAKPOINT && run.startsWith(this.#runId))
      this.violations.push(`${state} began after the breakpoint before it was acknowledged`);
    if (run.startsWith(this.#runId) && TOP_LEVEL.includes(state)) this.#oneStep?.begun.add(visit);
    if (decision?.flow === true)
      this.violations.push(`${state} began after the flow's pause was acknowledged`);
  }

  /**
   * The ledger without what the guarantees leave to the retention: the park of a run that ended while the process that wrote the park died.
   */
  withoutOrphans(ledger: Ledger): Ledger {
    const over = new Set(ledger.runs.filter(({ status }) => isTerminal(status)).map(({ runId }) => runId));
    const items = ledger.items.filter(
      (item) => !(over.has(String(item.runId)) && this.#orphans.has(keyOf(item))),
    );
    return { ...ledger, items };
  }

  /**
   * Violations once the schedule is over.
   * @param calm whether no fault was injected
   */
  whenIdle(ledger: Ledger, now: number, calm: boolean): string[] {
    return [
      ...this.#tooManySteps(),
      ...[...this.#begun]
        .filter(([, count]) => count > 1)
        .map(([visit, count]) => `${visit} ran ${count} times`),
      ...violations(ledger, now),
      ...(calm ? incidentViolations(ledger) : []),
      ...(calm && this.#keepsTrigger ? triggerViolations(ledger) : []),
      ...(calm ? [...unheld(ledger), ...waitingBesideFreeSlots(ledger)] : []),
    ];
  }

  #tooManySteps(): string[] {
    const { acknowledged, begun, decidedBefore } = this.#oneStep ?? {};
    const fresh = [...(begun ?? [])].filter((visit) => decidedBefore?.has(visit) === false);
    return acknowledged === true && fresh.length > 1
      ? [`${fresh.join(" and ")} began after a resume for one step`]
      : [];
  }

  #decide({ event }: Invocation, { run, flow, before: atBreakpoint }: Decision): void {
    const { execution, state } = visitOf(event) ?? {};
    const visit = `${execution} ${state}`;
    const before = this.#decided.get(visit) ?? { run: true, flow: true, before: true };
    this.#decided.set(visit, {
      run: before.run && run,
      flow: before.flow && flow,
      before: before.before && atBreakpoint,
    });
  }
}

/** An incident that could not hold its flow yet, for example beside another one. */
const isStillPlaced = ({ body }: Answer): boolean => {
  const { holds, incidentId } = body as { incidentId?: string; holds?: readonly { state: string }[] };
  return incidentId !== undefined && holds?.some(({ state }) => state === "held") !== true;
};

const keyOf = (item: { readonly PK?: unknown; readonly SK?: unknown } | undefined): string =>
  `${String(item?.PK)} ${String(item?.SK)}`;

/** Parks that nothing holds, after a resume that failed. A run with an intent is left to the sweeper. */
export const parksWithoutIntent = (ledger: Ledger): string[] => {
  const intents = new Set(
    ledger.items.filter(({ SK, intent }) => SK === "RUN" && intent !== undefined).map(({ PK }) => PK),
  );
  const items = ledger.items.filter(({ PK }) => !intents.has(PK));
  return unheld({ ...ledger, items }).filter((text) => text.startsWith("a token is parked"));
};
