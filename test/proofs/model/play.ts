import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../../../shared/model/json/json.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import type { Answer } from "../../harness/clients/client.ts";
import type { ProofEnvironment } from "../harness/environment.ts";
import { FUNCTIONS, SHAPES, stateName } from "../harness/flow-shapes.ts";
import { unfinished, violations } from "../harness/ledger/invariants.ts";
import { slotsLeft } from "../harness/ledger/slot-invariants.ts";
import { ApiDriver, type Seen } from "./api-driver.ts";
import { type Action, BULK, type Command, describeCommand, FLOWS, type Sequence } from "./command.ts";
import type { CommandFaults } from "./command-faults.ts";
import { bulkOutcomes, matches, mayBeCapped, outcomesOf, runAt } from "./command-outcomes.ts";
import { answerDifference, differencesOf } from "./differences.ts";
import { fittingLimit, isPlayedOn, newestPaused } from "./fitting.ts";
import { isRace, normal, passTime } from "./progress.ts";
import { capped, countDay } from "./run-outcomes.ts";
import {
  copyOf,
  type FlowKind,
  flowOf,
  isHeld,
  isOver,
  liveRuns,
  type Model,
  type ModelFlow,
  newModel,
} from "./state.ts";
import { canFire } from "./trigger-outcomes.ts";

/** Minutes of the stack's time within which everything that a fault interrupted must be repaired. */
const REPAIR_MINUTES = 15;
/** Real time within which the API must show the effect of a command without a fault. */
const SETTLING_MS = 20_000;
/** Commands that do not affect flows, which need not be read again. */
const ABOUT_RUNS: ReadonlySet<Command["do"]> = new Set([
  ...(["pause", "pause before", "resume", "resume for steps", "resume elsewhere"] as const),
  ...(["cancel", "give up", "delete run", "answer", "block", "release", "break", "mend"] as const),
]);
const MAX_BATCH = 3;
const DAY_MS = 86_400_000;
const PASSES = { PT12H: DAY_MS / 2, P15D: 15 * DAY_MS };
/** Longer than the drain that a command waits for. */
const SOON_MS = 60_000;

/** Plays one sequence in a workspace of its own. Throws an error that says what is wrong and lists the commands so far. */
export const play = async (
  environment: ProofEnvironment,
  faults: CommandFaults,
  workspace: string,
  sequence: Sequence,
): Promise<void> => {
  const driver = await ApiDriver.create(environment, faults, workspace);
  const kinds = Object.fromEntries(FLOWS.map((flow, at) => [flow, sequence.kinds[at] ?? "published"]));
  const player = new SequencePlayer(driver, newModel(environment.now(), kinds));
  environment.functions.forget();
  try {
    for (const [at, flow] of FLOWS.entries()) {
      const kind = kinds[flow] ?? "published";
      const shape = teamShape(sequence.shapes[at] ?? "line", kind);
      if (kind !== "published") await driver.create(flow, kind, shape);
      await player.command({ do: kind === "published" ? "publish" : "attach", flow, shape });
    }
    for (const flow of sequence.limited) await player.command({ do: "limit", flow, most: 1, byDigit: false });
    for (const flow of sequence.holding) await player.command({ do: "hold failures", flow, on: true });
    for (const fn of sequence.failing) await player.command({ do: "break", fn });
    for (const fn of sequence.blocked) await player.command({ do: "block", fn });
    for (const command of sequence.commands) await player.command(command);
    await player.drain();
    await player.check();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${player.log.join("\n")}`, { cause: error });
  } finally {
    driver.close();
    faults.arm(undefined);
    for (const fn of FUNCTIONS) {
      environment.functions.release(fn);
      environment.functions.mend(fn);
    }
  }
};

/** A team's machine has no approvals. */
const teamShape = (shape: string, kind: FlowKind): string =>
  kind !== "published" && SHAPES[shape]?.parts.some((part) => part.kind === "approval") ? "line" : shape;

class SequencePlayer {
  readonly #driver: ApiDriver;
  readonly log: string[] = [];
  #model: Model;
  #seen: Seen | undefined;
  /** Whether no fault has struck so far. */
  #exact = true;
  readonly #began: number;

  constructor(driver: ApiDriver, model: Model) {
    this.#driver = driver;
    this.#model = model;
    this.#began = model.now;
  }

  async command(command: Command): Promise<void> {
    const action = this.#fitting(command);
    if (action === undefined) return;
    this.log.push(`  ${describeCommand(action)}`);
    const { environment, faults } = this.#driver;
    await this.#keepTheDay();
    passTime(this.#model, environment.now());
    faults.arm(action.fault);
    const answered = await this.#driver.perform(this.#model, action);
    const bulk = action.do === "bulk" ? await this.#driver.endOfBulk(answered) : undefined;
    // A drain of one record a second needs time, and so does one that begins like that.
    const slowly = action.do === "resume flow" && action.rate === 1;
    const isRamp = action.do === "resume flow" && action.ramp === true;
    // The drain of a canary looks at its runs every few seconds.
    const hasCanary = action.do === "send canary" || this.#hasCanary();
    // A drain visits the keys of a limit after the queue.
    const visitsKeys =
      action.do === "limit" || (action.do === "resume flow" && this.#limitOf(action.flow) !== undefined);
    await this.#driver.admin.advance(slowly || isRamp || hasCanary || visitsKeys ? "PT40S" : "PT0S");
    const excused = faults.disarm();
    if (excused) {
      this.#exact = false;
      overcount(this.#model);
    }
    if (action.do === "redeliver") this.#exact = false; // a cost or a counter may count the redelivered event again
    const before = this.#model;
    let outcomes =
      action.do === "bulk"
        ? this.#bulks(before, action, bulk)
        : this.#singles(before, action, answered, excused);
    if (excused && (answered?.status ?? 0) >= 500) outcomes = [...outcomes, before];
    if (excused) outcomes = [...outcomes, ...perhapsCapped(outcomes)];
    const refusedQuietly = !excused && (answered?.status ?? 0) >= 400;
    if (refusedQuietly) return void this.log.push(`      ${answered?.status}`);
    await this.#agree(outcomes, excused, excused || !ABOUT_RUNS.has(action.do));
    if (slowly && !excused) this.#mustBeInOrder(before);
    this.log.push(...this.#summary(answered?.status));
  }

  #limitOf(flow: string): ModelFlow["limit"] {
    return this.#model.flows[flow]?.limit;
  }

  #singles(before: Model, action: Command, answered: Answer | undefined, excused: boolean): Model[] {
    const outcomes = outcomesOf(before, action);
    if (answered === undefined) return outcomes.map(({ model }) => model);
    const differences = outcomes.map(({ expected }) => answerDifference(expected, answered, excused));
    if (differences.every((difference) => difference !== undefined))
      throw new Error(differences.join("; or "));
    const fitting = outcomes
      .filter((_outcome, index) => differences[index] === undefined)
      .map(({ model }) => model);
    return action.do === "batch" && excused
      ? fitting.flatMap((model) => withoutSome(before, model))
      : fitting;
  }

  #bulks(before: Model, action: Extract<Command, { do: "bulk" }>, bulk: Bulk | undefined): Model[] {
    const outcomes = bulkOutcomes(before, action);
    if (bulk === undefined) return outcomes.map(({ model }) => model);
    const matched = matches(before, action.flow, action.status).length;
    const fitting = outcomes.filter(
      ({ succeeded, skipped }) => bulk.succeeded === succeeded && bulk.skipped === skipped,
    );
    if (bulk.status === "completed" && bulk.matched === matched && bulk.failed === 0 && fitting.length > 0) {
      return fitting.map(({ model }) => model);
    }
    const { succeeded, skipped } = outcomes[0] ?? { succeeded: 0, skipped: 0 };
    throw new Error(
      `the bulk operation ended as ${JSON.stringify(bulk)}, not with ${matched} matched, ${succeeded} succeeded, ${skipped} skipped`,
    );
  }

  /** Waits until the API agrees with one of the possible models; after a fault, as long as the repair may take. */
  async #agree(outcomes: readonly Model[], excused: boolean, withFlows: boolean): Promise<void> {
    const { environment } = this.#driver;
    const until = Date.now() + SETTLING_MS;
    let wrong: string[] = [];
    for (let looks = 0; ; looks += 1) {
      const seen = await this.#driver.observe(withFlows);
      wrong = [];
      for (const outcome of outcomes) {
        const model = copyOf(outcome);
        passTime(model, environment.now());
        await this.#driver.bind(model, seen);
        const found = differencesOf(model, seen, this.#exact);
        if (found.length === 0) {
          this.#model = model;
          this.#seen = seen;
          return;
        }
        wrong.push(found.join("; "));
      }
      if (excused ? looks >= REPAIR_MINUTES : Date.now() > until) break;
      if (excused) await this.#driver.admin.advance("PT1M");
      else if (outcomes.some(hasCanary)) await this.#driver.admin.advance("PT5S");
      else await delay(15);
    }
    throw new Error(wrong.join("\n  or "));
  }

  /** Checks that queued records started by priority and in the order in which they were stored, if the drain left a second between them. */
  #mustBeInOrder(before: Model): void {
    const drained = liveRuns(this.#model).filter(
      ({ name, flowId, placed, began }) =>
        before.runs[name]?.placed && !placed && began && this.#limitOf(flowId) === undefined,
    );
    const started = drained.flatMap(({ runId, priority }) => {
      const run = this.#seen?.runs.find((seen) => seen.runId === runId);
      return run === undefined ? [] : [{ ...run, rank: `${9 - priority} ${run.createdAt}` }];
    });
    started.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
    for (const [index, { createdAt, rank, startedAt = "" }] of started.entries()) {
      const next = started[index + 1];
      if (next === undefined || next.rank === rank || startedAt <= (next.startedAt ?? "")) continue;
      throw new Error(
        `a record of ${createdAt} started at ${startedAt}, one of ${next.createdAt} at ${next.startedAt}`,
      );
    }
  }

  /** Releases, resumes and answers everything until every run has ended. */
  async drain(): Promise<void> {
    this.log.push("  -- everything is released");
    // A failure would hold what is left.
    for (const flow of FLOWS)
      if (this.#model.flows[flow]?.errorCap) await this.command({ do: "cap errors", flow, on: false });
    for (const flow of FLOWS)
      if (this.#model.flows[flow]?.plan !== undefined) await this.command({ do: "cancel plan", flow });
    for (const flow of FLOWS)
      if (this.#model.flows[flow]?.trigger !== undefined) await this.command({ do: "delete trigger", flow });
    for (const fn of FUNCTIONS) if (this.#model.failing.includes(fn)) await this.command({ do: "mend", fn });
    for (const fn of FUNCTIONS)
      if (this.#model.blocked.includes(fn)) await this.command({ do: "release", fn });
    for (let round = 0; round < 12; round += 1) {
      for (const flow of FLOWS) {
        const known = this.#model.flows[flow];
        if (known?.exists && (isHeld(known) || known.stepHolds.length > 0))
          await this.command({ do: "resume flow", flow, rate: 50 });
      }
      const open = () => liveRuns(this.#model).filter((run) => !isOver(run));
      if (open().length === 0) return;
      for (const { name } of open()) {
        const run = Object.keys(this.#model.runs).length - 1 - Object.keys(this.#model.runs).indexOf(name);
        const now = this.#model.runs[name];
        if (now?.halted) {
          await this.command({ do: "resume elsewhere", run, version: "same", at: now.at });
          // A team's machine no longer has the version.
          if (this.#model.runs[name]?.halted) await this.command({ do: "give up", run });
        }
        if (now?.userPaused && !now.halted) await this.command({ do: "resume", run });
        if (now?.inside?.kind === "approval") await this.command({ do: "answer", run, decision: "approved" });
      }
      await this.command({ do: "move the clock", by: "PT12H" });
    }
    throw new Error("the model's runs do not end");
  }

  /** Checks the ledger, the list of all runs and the outputs. */
  async check(): Promise<void> {
    const { admin, environment, bulks } = this.#driver;
    await admin.advance(this.#exact ? "PT10M" : "P15D"); // schedules that a fault left behind expire by themselves
    const ledger = await environment.ledger.read(admin.workspace);
    const wrong = [...violations(ledger, environment.now()), ...unfinished(ledger), ...slotsLeft(ledger)];
    const listed = (await bulks.runs()).map(({ runId }) => runId).sort();
    const ours = liveRuns(this.#model)
      .map(({ runId }) => runId ?? "")
      .sort();
    if (listed.join() !== ours.join())
      wrong.push(`the list of all runs has ${listed.length}, not ${ours.length}`);
    for (const run of liveRuns(this.#model)) {
      if (run.status !== "completed" || run.runId === undefined) continue;
      const { output } = await admin.run(run.runId);
      const [expected, seen] = [run.doc, output ?? null].map((doc) => JSON.stringify(normal(doc as Json)));
      if (expected !== seen) wrong.push(`${run.name} completed with ${seen}, not ${expected}`);
    }
    if (wrong.length > 0) throw new Error(`at the end:\n  ${wrong.join("\n  ")}`);
  }

  /** Adjusts a command to what the model can predict; undefined if it makes no sense to send. */
  #fitting(command: Command): Command | undefined {
    const { fault, ...action } = command;
    if (action.do === "resume elsewhere" || action.do === "give up") {
      const run = newestPaused(this.#model) ?? action.run;
      const isNamed = action.do === "resume elsewhere" && action.at !== undefined;
      if (run !== action.run && !isNamed) return this.#fitting({ ...command, run } as Command);
    }
    if ("run" in action && Object.keys(this.#model.runs).length === 0) return undefined;
    if (
      action.do === "move the clock" &&
      this.#model.now - this.#began > 40 * DAY_MS &&
      action.by === "P15D"
    ) {
      return { ...action, by: "PT12H" };
    }
    // It is random how far the others get before one reaches the cap.
    const records =
      action.do === "batch"
        ? action.size
        : action.do === "bulk" && BULK[action.action].action === "replay"
          ? 50
          : 0;
    if (records > 0 && "flow" in action && mayBeCapped(this.#model, action.flow, records)) return undefined;
    const flow = "flow" in action ? this.#model.flows[action.flow] : this.#flowOfRun(action);
    if (flow !== undefined && !isPlayedOn(flow, action)) return undefined;
    if (flow?.limit !== undefined) {
      // The runs of one command are changed at once, so it is random which of them gets a slot.
      // Which runs a canary lets through depends on the slots that come free.
      if (action.do === "send canary") return undefined;
      if (action.do === "batch") return this.#unlessRace({ ...command, ...action, size: 1 });
      if (action.do === "bulk" && matches(this.#model, action.flow, action.status).length > 1)
        return undefined;
      if (action.do === "fire" && action.times > 1) return this.#fitting({ ...command, ...action, times: 1 });
    }
    if (action.do === "limit" && flow !== undefined) {
      if (flow.canary !== undefined) return undefined;
      const fitted = fittingLimit(this.#model, action, flow);
      return fitted && this.#unlessRace({ ...command, ...fitted });
    }
    const isOfPart = action.do === "hold step" || (action.do === "plan pause" && action.at !== undefined);
    if (isOfPart && flow?.exists) {
      const parts = SHAPES[flow.versions[flow.version] ?? ""]?.parts.length ?? 1;
      return { ...command, at: (action.at ?? 0) % parts } as Command;
    }
    if (action.do === "attach" && flow !== undefined) {
      const fitted = { ...action, shape: teamShape(action.shape, flow.kind) };
      return fault?.of === "api" && flow.kind === "registered" ? fitted : { ...command, ...fitted };
    }
    // A pause that begins late lets pass what the model holds.
    const begins = action.do === "move the clock" || action.do === "sweep";
    const mayBegin = this.#mayPlan() || this.#hasCanary();
    if (begins && fault !== undefined && mayBegin) return action as Command;
    if (action.do === "fire") {
      if (!canFire(this.#model, action)) {
        const { flow: flowId, whileHeld } = action;
        return flow?.exists && flow.trigger === undefined && !action.again
          ? this.#fitting({ do: "put trigger", flow: flowId, whileHeld, enabled: true })
          : undefined;
      }
      // The first delivery may have counted the record that reaches the cap, which then drops the second.
      if (fault !== undefined && mayBeCapped(this.#model, action.flow, 2 * action.times))
        return this.#fitting(action);
    }
    if (this.#isRace(action)) return undefined;
    // The flow's hold may be over when the gate that should have refused the execution is called again.
    if (action.do === "start" && fault?.of === "sluice-gate" && flow?.mode === "reject") return action;
    // A version whose publication was interrupted keeps its number. The model counts only those that it has seen.
    if ((action.do === "publish" || action.do === "activate") && fault?.of === "api") return action;
    return command;
  }

  #unlessRace(command: Command): Command | undefined {
    return this.#isRace(command) ? undefined : command;
  }

  #hasCanary(): boolean {
    return hasCanary(this.#model);
  }

  #mayPlan(): boolean {
    return Object.values(this.#model.flows).some(({ plan }) => plan !== undefined);
  }

  /** The flow of the run that is to start or to continue in another execution. */
  #flowOfRun(action: Action): ModelFlow | undefined {
    const isAbout = action.do === "replay" || action.do === "resume elsewhere" || action.do === "give up";
    const run = isAbout ? runAt(this.#model, action.run) : undefined;
    return run === undefined ? undefined : flowOf(this.#model, run);
  }

  #isRace(action: Action): boolean {
    const before = copyOf(this.#model);
    const now = this.#driver.environment.now();
    passTime(before, now);
    const outcomes = action.do === "bulk" ? bulkOutcomes(before, action) : outcomesOf(before, action);
    const later = action.do === "move the clock" ? PASSES[action.by] : SOON_MS;
    return outcomes.some(({ model }) => isRace(before, model, now + later));
  }

  /** Skips the last minute before midnight, where a record may count for either day. */
  async #keepTheDay(): Promise<void> {
    if (this.#driver.environment.now() % DAY_MS > DAY_MS - 60_000) await this.#driver.admin.advance("PT2M");
  }

  #summary(status: number | undefined): string[] {
    const runs = liveRuns(this.#model).map(
      ({ name, status: its, userPaused, halted }) =>
        `${name} ${its}${userPaused ? " by a user" : halted ? " by an error" : ""}`,
    );
    const held = Object.values(this.#model.flows).map(
      ({ flowId, holds, stepHolds }) =>
        `${flowId}: ${[...Object.keys(holds), ...stepHolds.map(({ at }) => stateName(at))].join("+") || "-"}`,
    );
    return [`      ${status ?? ""} ${[...held, ...runs].join(", ")}`];
  }
}

const hasCanary = ({ flows }: Model): boolean =>
  Object.values(flows).some(({ canary }) => canary !== undefined);

/** A process may have died, or lost its record, after the count reached the cap and the flow was held. */
const perhapsCapped = (models: readonly Model[]): Model[] =>
  models.flatMap((model) =>
    Object.values(model.flows)
      .filter(
        ({ exists, cap, holds, used }) =>
          exists && cap !== undefined && holds.throughput === undefined && used.most > cap,
      )
      .map(({ flowId }) => capped(model, flowId)),
  );

/** A command that died or was retried may have counted its records once or twice. */
const overcount = ({ flows, now }: Model): void => {
  for (const flow of Object.values(flows)) {
    countDay(flow, now);
    flow.used.most += 2 * MAX_BATCH;
  }
};

/** Any subset of the records of a batch that was interrupted may exist. */
const withoutSome = (before: Model, after: Model): Model[] => {
  const fresh = Object.keys(after.runs).filter((name) => before.runs[name] === undefined);
  return Array.from({ length: 2 ** fresh.length }, (_, bits) => {
    const model = copyOf(after);
    for (const [index, name] of fresh.entries()) if (bits & (1 << index)) delete model.runs[name];
    return model;
  });
};
