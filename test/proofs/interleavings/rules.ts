import { isTerminal, nextStatus, type RunAction, type RunStatus } from "../../../shared/model/transitions.ts";
import { type Books, imbalances } from "../../harness/ledger/ledger.ts";
import type { Answer } from "../../support/client.ts";
import type { AwsCall, Invocation } from "../harness/proof-stack.ts";
import { itemOf } from "./calls.ts";
import type { OperationName } from "./operations.ts";
import type { Situation } from "./situations.ts";
import type { Audience } from "./stage.ts";
import type { StepCall } from "./user-steps.ts";

/** Operations after which an acknowledged hold may be gone: from their beginning on, nothing is known any more. */
const LIFTS: Readonly<Record<"run" | "flow", readonly OperationName[]>> = {
  run: ["resume the run", "bulk resume", "bulk batch once more"],
  flow: ["resume the flow"],
};

/** Answered before they have done anything: a pause that is acknowledged meanwhile may be lifted at once. */
const WORKED_OFF_LATER: readonly OperationName[] = ["bulk resume"];

/** Operations that promise, once they are acknowledged, that nothing starts any more. */
const PROMISES: Readonly<Record<"run" | "flow", readonly OperationName[]>> = {
  run: ["pause the run", "cancel the run", "delete the run"],
  flow: ["pause the flow"],
};

/**
 * A promise that nothing starts any more: given when the operation is answered, void while anybody lifts it. Whoever lifted it while the
 * operation was under way may have done so after its write.
 */
class Promised {
  #given: boolean;
  #forEver = false;
  #lifting = new Set<string>();
  /** Operations under way that nobody's lifting has overlapped. */
  #alone = new Set<string>();
  constructor(given: boolean) {
    this.#given = given;
  }
  ask(mark: string): void {
    if (this.#lifting.size === 0) this.#alone.add(mark);
  }
  give(mark: string, forEver: boolean): void {
    this.#forEver ||= forEver;
    this.#given = this.#alone.has(mark);
  }
  lift(mark: string): void {
    this.#given = false;
    this.#alone.clear();
    this.#lifting.add(mark);
  }
  lifted(mark: string): void {
    this.#lifting.delete(mark);
  }
  get stands(): boolean {
    return this.#given || this.#forEver;
  }
}

/** What stood when a gate decided: of all calls of one visit, what the most lenient one saw. */
interface Decision {
  run: boolean;
  flow: boolean;
}

/** Watches a schedule as it is played, and says what must not have been. */
export class Rules implements Audience {
  readonly broken: string[] = [];
  readonly #run: Promised;
  readonly #flow: Promised;
  readonly #deciding = new Map<Invocation, Decision>();
  readonly #decided = new Map<string, Decision>();
  readonly #begun = new Map<string, number>();
  readonly #parking = new Map<Invocation, string>();
  /** Keys of parks whose writer came to nothing after it. Where the run ended meanwhile, nobody looks for them. */
  readonly #orphans = new Set<string>();
  readonly #runId: string;
  readonly #saw: (invocation: Invocation) => void;

  constructor(situation: Situation, runId: string, saw: (invocation: Invocation) => void) {
    this.#run = new Promised(situation.runPaused === true);
    this.#flow = new Promised(situation.flowHeld === true);
    this.#runId = runId;
    this.#saw = saw;
  }

  began(name: OperationName, mark: string): void {
    if (LIFTS.run.includes(name)) this.#run.lift(mark);
    if (LIFTS.flow.includes(name)) this.#flow.lift(mark);
    if (PROMISES.run.includes(name)) this.#run.ask(mark);
    if (PROMISES.flow.includes(name)) this.#flow.ask(mark);
  }

  ended(name: OperationName, mark: string, answer: Answer | undefined): void {
    if (!WORKED_OFF_LATER.includes(name)) this.#run.lifted(mark);
    this.#flow.lifted(mark);
    const acknowledged = answer !== undefined && answer.status < 300;
    if (acknowledged && PROMISES.run.includes(name)) this.#run.give(mark, name !== "pause the run");
    if (acknowledged && PROMISES.flow.includes(name)) this.#flow.give(mark, false);
  }

  /** The schedule is over: from here on everything goes on. */
  released(): void {
    this.#run.lift("all");
    this.#flow.lift("all");
  }

  called(invocation: Invocation, call: AwsCall, failed: boolean): void {
    if (invocation.functionName === "sluice-park" && call.operation === "PutItem" && !failed)
      this.#parking.set(invocation, keyOf(itemOf(call)));
    if (invocation.functionName !== "sluice-gate") return;
    const decision = this.#deciding.get(invocation) ?? { run: false, flow: false };
    this.#deciding.set(invocation, decision);
    const item = itemOf(call);
    if (item?.SK === "HOLD") decision.flow = this.#flow.stands;
    if (item?.SK !== "RUN") return;
    if (item.PK.endsWith(this.#runId)) decision.run = this.#run.stands;
    // A write that took effect decides, whatever becomes of who made it.
    if (call.operation === "UpdateItem" && !failed) this.#decide(invocation, decision);
  }

  answered(invocation: Invocation, ok: boolean): void {
    this.#saw(invocation);
    const parked = this.#parking.get(invocation);
    this.#parking.delete(invocation);
    if (parked !== undefined && !ok) this.#orphans.add(parked);
    const decision = this.#deciding.get(invocation);
    this.#deciding.delete(invocation);
    if (decision !== undefined && ok) this.#decide(invocation, decision);
  }

  stepBegan({ run, state }: StepCall): void {
    const visit = `${run} ${state}`;
    this.#begun.set(visit, (this.#begun.get(visit) ?? 0) + 1);
    const decision = this.#decided.get(visit);
    if (decision?.run === true && run.startsWith(this.#runId))
      this.broken.push(`${state} began after the run's pause, cancel or deletion was acknowledged`);
    if (decision?.flow === true) this.broken.push(`${state} began after the flow's pause was acknowledged`);
  }

  /** The books without what the guarantees leave to the retention: the park of a run that ended between its writer's write and death. */
  withoutOrphans(books: Books): Books {
    const over = new Set(books.runs.filter(({ status }) => isTerminal(status)).map(({ runId }) => runId));
    const items = books.items.filter(
      (item) => !(over.has(String(item.runId)) && this.#orphans.has(keyOf(item))),
    );
    return { ...books, items };
  }

  /** What the table, the executions and the schedules must not show once all is at rest; `calm`: nothing has failed. */
  atRest(books: Books, now: number, calm: boolean): string[] {
    return [
      ...[...this.#begun]
        .filter(([, count]) => count > 1)
        .map(([visit, count]) => `${visit} ran ${count} times`),
      ...imbalances(books),
      ...holdsWithoutSchedule(books, now),
      ...illegalMoves(books),
      ...(calm ? standingStill(books) : []),
    ];
  }

  #decide({ event }: Invocation, { run, flow }: Decision): void {
    const { execution, state } = event as { execution: string; state: string };
    const visit = `${execution} ${state}`;
    const before = this.#decided.get(visit) ?? { run: true, flow: true };
    this.#decided.set(visit, { run: before.run && run, flow: before.flow && flow });
  }
}

const keyOf = (item: { readonly PK?: unknown; readonly SK?: unknown } | undefined): string =>
  `${String(item?.PK)} ${String(item?.SK)}`;

type Item = Books["items"][number];
interface HoldItem {
  readonly id: string;
  readonly resumeAt: string;
}

const holdsOf = (flow: Item | undefined): HoldItem[] =>
  Object.values((flow?.["holds"] ?? {}) as Record<string, HoldItem>);

const holdsWithoutSchedule = ({ items, schedules }: Books, now: number): string[] =>
  items
    .filter(({ SK }) => SK === "FLOW")
    .flatMap(holdsOf)
    .filter(
      ({ id, resumeAt }) =>
        Date.parse(resumeAt) > now && !schedules.some((name) => name.startsWith(`hold-${id}`)),
    )
    .map(({ id }) => `the hold ${id} has no schedule`);

const illegalMoves = ({ runs }: Books): string[] =>
  runs.flatMap(({ runId, recentAudit }) =>
    recentAudit
      .filter(
        ({ from, action, to }) =>
          action !== "dispatch" &&
          action !== "delete" &&
          from !== undefined &&
          nextStatus(from, action) !== to,
      )
      .map(({ from, action, to }) => `${runId}: ${action} took it from ${from} to ${to}`),
  );

/** Tokens that are parked, and records that are queued, though nothing holds them. */
const standingStill = ({ items, runs }: Books): string[] => {
  const held = new Set(
    items
      .filter(({ SK, holds }) => SK === "HOLD" && Object.keys(holds ?? {}).length > 0)
      .map(({ incarnation }) => incarnation),
  );
  const byId = new Map(runs.map((run) => [run.runId, run]));
  return items.flatMap(({ PK, SK, runId, token }) => {
    const run = byId.get(String(runId));
    if (token !== undefined && /#P#\d+$|^P#/.test(`${/#P#\d+$/.test(String(PK)) ? PK : SK}`)) {
      const holds = run?.status === "paused" && (run.pausedBy?.kind === "user" || held.has(run.incarnation));
      return holds ? [] : [`a token is parked, and nothing holds its run: ${run?.status} ${PK} ${SK}`];
    }
    const queue = /#([a-z2-7]{16})#Q#\d+$/.exec(String(PK));
    return queue === null || held.has(queue[1])
      ? []
      : [`a record waits, and nothing holds its flow: ${run?.status} ${SK}`];
  });
};

/** A resume that broke has left its intent, for the sweeper; parks that nobody will look at need none if they are held. */
export const withoutIntent = (books: Books): string[] => {
  const kept = new Set(
    books.items.filter(({ SK, intent }) => SK === "RUN" && intent !== undefined).map(({ PK }) => PK),
  );
  return standingStill({ ...books, items: books.items.filter(({ PK }) => !kept.has(PK)) }).filter((told) =>
    told.startsWith("a token is parked"),
  );
};

const REFUSALS = new Set([
  "state_changed",
  "run_already_terminal",
  "action_not_allowed",
  "flow_held",
  "spend_hold",
  "flow_has_open_runs",
  "step_already_completed",
]);

/** What is wrong with an answer; `shaken`: something was broken on purpose in the operation's own calls. */
export const illegalAnswer = (
  name: OperationName,
  { status, body }: Answer,
  { shaken, mayBeGone }: { readonly shaken: boolean; readonly mayBeGone: boolean },
): string | undefined => {
  const told = `${name} answered ${status} ${JSON.stringify(body)}`;
  if (status < 300 || (status >= 500 && shaken)) return undefined;
  if (status === 404) return mayBeGone ? undefined : told;
  const code = String(body["code"]);
  if (status === 422) return code === "replay_not_possible" ? undefined : told;
  if (status !== 409 || !REFUSALS.has(code)) return told;
  const current = body["currentStatus"] as RunStatus;
  const action = name.split(" ")[0] as RunAction;
  const onRun = name.endsWith("the run") && ["pause", "resume", "cancel"].includes(action);
  if (code === "run_already_terminal" && !isTerminal(current)) return told;
  if (code === "action_not_allowed" && onRun && nextStatus(current, action) !== undefined) return told;
  return undefined;
};
