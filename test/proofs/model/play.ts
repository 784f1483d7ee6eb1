import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../../../shared/model/json/json.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import { imbalances, readBooks, remains } from "../../harness/ledger/ledger.ts";
import type { ProofStack } from "../harness/proof-stack.ts";
import type { Breaker } from "./breaker.ts";
import { type Command, FLOWS, type Sequence, shown } from "./command.ts";
import { capped, countDay } from "./outcome.ts";
import { bulkOutcomes, matches, mayBeCapped, outcomesOf } from "./outcomes.ts";
import { normal, passTime } from "./progress.ts";
import { FUNCTIONS } from "./shapes.ts";
import { copyOf, isHeld, isOver, liveRuns, type Model, newModel } from "./state.ts";
import { answerDiffers, differences, type Seen, World } from "./world.ts";

/** Minutes of the stack's time within which all that a fault cut off has to be made good. */
const HEALING_MINUTES = 15;
/** Real time within which the API shows what was done without a fault. */
const SETTLING_MS = 20_000;
/** They do nothing to flows, which need not be looked at anew. */
const ABOUT_RUNS: ReadonlySet<Command["do"]> = new Set([
  ...(["pause", "resume", "cancel", "delete run", "answer", "block", "release", "break", "mend"] as const),
]);
const MAX_BATCH = 3;
const DAY_MS = 86_400_000;

/** Plays one sequence in a workspace of its own. Throws what is wrong, and after which command. */
export const play = async (
  stack: ProofStack,
  breaker: Breaker,
  workspace: string,
  sequence: Sequence,
): Promise<void> => {
  const world = await World.make(stack, breaker, workspace);
  const game = new Game(world, newModel(stack.now(), FLOWS));
  stack.functions.forget();
  try {
    for (const [at, flow] of FLOWS.entries()) {
      await game.command({ do: "publish", flow, shape: sequence.shapes[at] ?? "line" });
    }
    for (const fn of sequence.blocked) await game.command({ do: "block", fn });
    for (const command of sequence.commands) await game.command(command);
    await game.drain();
    await game.check();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${game.log.join("\n")}`, { cause: error });
  } finally {
    breaker.order(undefined);
    for (const fn of FUNCTIONS) {
      stack.functions.release(fn);
      stack.functions.mend(fn);
    }
  }
};

class Game {
  readonly #world: World;
  readonly log: string[] = [];
  #model: Model;
  #seen: Seen | undefined;
  /** Nothing has gone wrong so far. */
  #exact = true;
  readonly #began: number;

  constructor(world: World, model: Model) {
    this.#world = world;
    this.#model = model;
    this.#began = model.now;
  }

  async command(command: Command): Promise<void> {
    const action = this.#fitting(command);
    if (action === undefined) return;
    this.log.push(`  ${shown(action)}`);
    const { stack, breaker } = this.#world;
    await this.#keepTheDay();
    passTime(this.#model, stack.now());
    breaker.order(action.fault);
    const answered = await this.#world.perform(this.#model, action);
    const bulk = action.do === "bulk" ? await this.#world.endOfBulk(answered) : undefined;
    // A drain of one a second needs its seconds.
    const slowly = action.do === "resume flow" && action.rate === 1;
    await this.#world.admin.advance(slowly ? "PT40S" : "PT0S");
    breaker.order(undefined);
    const excused = breaker.lastStruck;
    if (excused) {
      this.#exact = false;
      overcount(this.#model);
    }
    if (action.do === "redeliver") this.#exact = false; // a gate's cost or a counter may be counted again
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

  #singles(
    before: Model,
    action: Command,
    answered: Parameters<typeof answerDiffers>[1] | undefined,
    excused: boolean,
  ): Model[] {
    const outcomes = outcomesOf(before, action);
    if (answered === undefined) return outcomes.map(({ model }) => model);
    const told = outcomes.map(({ expected }) => answerDiffers(expected, answered, excused));
    if (told.every((difference) => difference !== undefined)) throw new Error(told.join("; or "));
    const fitting = outcomes.filter((_outcome, index) => told[index] === undefined).map(({ model }) => model);
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
      `the bulk operation came to ${JSON.stringify(bulk)}, not ${matched} matched, ${succeeded} done, ${skipped} skipped`,
    );
  }

  /** Waits until what the API shows is one of the worlds that may be; after a fault, as long as its healing may take. */
  async #agree(outcomes: readonly Model[], excused: boolean, flowsToo: boolean): Promise<void> {
    const { stack } = this.#world;
    const until = Date.now() + SETTLING_MS;
    let wrong: string[] = [];
    for (let looks = 0; ; looks += 1) {
      const seen = await this.#world.look(flowsToo);
      wrong = [];
      for (const outcome of outcomes) {
        const world = copyOf(outcome);
        passTime(world, stack.now());
        await this.#world.bind(world, seen);
        const found = differences(world, seen, this.#exact);
        if (found.length === 0) {
          this.#model = world;
          this.#seen = seen;
          return;
        }
        wrong.push(found.join("; "));
      }
      if (excused ? looks >= HEALING_MINUTES : Date.now() > until) break;
      if (excused) await this.#world.admin.advance("PT1M");
      else await delay(15);
    }
    throw new Error(wrong.join("\n  or "));
  }

  /** Held records start in the order in which they were stored, where the drain leaves a second between them. */
  #mustBeInOrder(before: Model): void {
    const drained = liveRuns(this.#model).filter(
      ({ name, placed, began }) => before.runs[name]?.placed && !placed && began,
    );
    const started = drained.flatMap(({ runId }) => {
      const run = this.#seen?.runs.find((seen) => seen.runId === runId);
      return run === undefined ? [] : [run];
    });
    started.sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
    for (const [index, { createdAt, startedAt = "" }] of started.entries()) {
      const next = started[index + 1];
      if (next === undefined || next.createdAt === createdAt || startedAt <= (next.startedAt ?? "")) continue;
      throw new Error(
        `a record of ${createdAt} started at ${startedAt}, one of ${next.createdAt} at ${next.startedAt}`,
      );
    }
  }

  /** Everything is let go, answered and resumed, until every record is over. */
  async drain(): Promise<void> {
    this.log.push("  -- everything is let go");
    for (const fn of FUNCTIONS) {
      if (this.#model.blocked.includes(fn)) await this.command({ do: "release", fn });
      if (this.#model.failing.includes(fn)) await this.command({ do: "mend", fn });
    }
    for (let round = 0; round < 12; round += 1) {
      for (const flow of FLOWS) {
        const known = this.#model.flows[flow];
        if (known?.exists && isHeld(known)) await this.command({ do: "resume flow", flow, rate: 50 });
      }
      const open = () => liveRuns(this.#model).filter((run) => !isOver(run));
      if (open().length === 0) return;
      for (const { name } of open()) {
        const run = Object.keys(this.#model.runs).length - 1 - Object.keys(this.#model.runs).indexOf(name);
        const now = this.#model.runs[name];
        if (now?.userPaused) await this.command({ do: "resume", run });
        if (now?.inside?.kind === "approval") await this.command({ do: "answer", run, decision: "approved" });
      }
      await this.command({ do: "move the clock", by: "PT12H" });
    }
    throw new Error("the model's own records do not end");
  }

  /** The books: each record ended once, each step began once, and nothing is left over. */
  async check(): Promise<void> {
    const { admin, stack } = this.#world;
    await admin.advance(this.#exact ? "PT10M" : "P15D"); // schedules that nobody deleted end at their own time
    const books = await readBooks(stack.url, admin.workspace);
    const wrong = [...imbalances(books), ...remains(books)];
    const listed = (await this.#world.bulks.runs()).map(({ runId }) => runId).sort();
    const ours = liveRuns(this.#model)
      .map(({ runId }) => runId ?? "")
      .sort();
    if (listed.join() !== ours.join())
      wrong.push(`the list of all runs has ${listed.length}, not ${ours.length}`);
    for (const run of liveRuns(this.#model)) {
      if (run.status !== "completed" || run.runId === undefined) continue;
      const { output } = await admin.run(run.runId);
      const [expected, seen] = [run.doc, output ?? null].map((doc) => JSON.stringify(normal(doc as Json)));
      if (expected !== seen) wrong.push(`${run.name} came to ${seen}, not ${expected}`);
    }
    if (wrong.length > 0) throw new Error(`at the end:\n  ${wrong.join("\n  ")}`);
  }

  /** What makes no sense to send, or would leave what the model tells apart. */
  #fitting(command: Command): Command | undefined {
    const { fault, ...action } = command;
    if ("run" in action && Object.keys(this.#model.runs).length === 0) return undefined;
    if (
      action.do === "move the clock" &&
      this.#model.now - this.#began > 40 * DAY_MS &&
      action.by === "P15D"
    ) {
      return { ...action, by: "PT12H" };
    }
    // How far the others come before the one that meets the cap is chance.
    const records =
      action.do === "batch" ? action.size : action.do === "bulk" && action.action === "replay" ? 50 : 0;
    if (records > 0 && "flow" in action && mayBeCapped(this.#model, action.flow, records)) return undefined;
    // A version that was taken and never finished keeps its number: the model counts only those that it has seen.
    if ((action.do === "publish" || action.do === "activate") && fault?.of === "api") return action;
    return command;
  }

  /** Not right before midnight, where it is the stack's own affair to which day a record counts. */
  async #keepTheDay(): Promise<void> {
    if (this.#world.stack.now() % DAY_MS > DAY_MS - 60_000) await this.#world.admin.advance("PT2M");
  }

  #summary(status: number | undefined): string[] {
    const runs = liveRuns(this.#model).map(
      ({ name, status: its, userPaused }) => `${name} ${its}${userPaused ? " by hand" : ""}`,
    );
    const held = Object.values(this.#model.flows).map(
      ({ flowId, holds }) => `${flowId}: ${Object.keys(holds).join("+") || "-"}`,
    );
    return [`      ${status ?? ""} ${[...held, ...runs].join(", ")}`];
  }
}

/** Whoever counted a record over the cap may have died, or lost the record, after the hold. */
const perhapsCapped = (models: readonly Model[]): Model[] =>
  models.flatMap((model) =>
    Object.values(model.flows)
      .filter(
        ({ exists, cap, holds, used }) =>
          exists && cap !== undefined && holds.throughput === undefined && used.most > cap,
      )
      .map(({ flowId }) => capped(model, flowId)),
  );

/** What died or was tried again may have counted its records, once or twice. */
const overcount = ({ flows, now }: Model): void => {
  for (const flow of Object.values(flows)) {
    countDay(flow, now);
    flow.used.most += 2 * MAX_BATCH;
  }
};

/** Of a batch that died half-way, any records may be there. */
const withoutSome = (before: Model, after: Model): Model[] => {
  const fresh = Object.keys(after.runs).filter((name) => before.runs[name] === undefined);
  return Array.from({ length: 2 ** fresh.length }, (_, bits) => {
    const model = copyOf(after);
    for (const [index, name] of fresh.entries()) if (bits & (1 << index)) delete model.runs[name];
    return model;
  });
};
