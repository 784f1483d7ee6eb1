import { functions } from "../../../infra/functions.ts";
import { forEachConcurrent } from "../../../shared/domain/concurrency.ts";
import { SETTINGS } from "../../../shared/model/settings.ts";
import { ProofEnvironment } from "../harness/environment.ts";
import { unfinished, violations } from "../harness/ledger/invariants.ts";
import type { Ledger } from "../harness/ledger/ledger.ts";
import type { AwsCall } from "../harness/observer.ts";
import { releaseAll } from "../harness/release-all.ts";
import { type CrashFault, CrashPlan, type CrashResult, isRetried, NAMES } from "./crash-plan.ts";
import { FUNCTIONS } from "./flows.ts";
import { LaggingDueIndex } from "./lagging-due-index.ts";
import { recordViolations } from "./record-violations.ts";
import type { Prepared, Scenario } from "./scenario.ts";
import { ScenarioContext } from "./scenario-context.ts";

/** A scenario with its one crash. */
export interface CrashPoint {
  readonly scenario: Scenario;
  /** The number of the handler's call, from 1. */
  readonly at: number;
  readonly fault: CrashFault;
  /** Restricts the calls that are counted. */
  readonly counts?: (call: AwsCall) => boolean;
}
export interface ProvedCrash extends CrashPoint {
  readonly result: CrashResult;
  readonly repairedBy: RepairedBy;
}
/** `nobody` means that nothing was left to repair. */
export type RepairedBy = "nobody" | "its caller" | "the sweeper";
export interface Proof {
  readonly proved: readonly ProvedCrash[];
  /** All violations, each with the crash point that caused it. */
  readonly wrong: readonly string[];
}

const CONCURRENT = { concurrency: 8 };
/** Time between two stages of a scenario. Every wait of its flow ends within it. */
const STAGE = "PT45M";
/** Time for the sweeper. Nobody else acts in the meantime. */
const REPAIR = ["PT1M", "PT2M", "PT2M", "PT2M", "PT2M", "PT30M", "PT1H", "PT1H", "PT3H"];
/** Time after each round of releases at the end. The last steps outlive every schedule. */
const ROUNDS = ["PT5M", "PT1H", "PT3H", "P1D", "PT5M", "PT1H", "P1D", "P15D", "P1D"];

/**
 * Crashes all points in one environment, each in items of its own, lets the sweeper repair them and checks all invariants.
 * @param leap time that passes before the crashes
 */
export const prove = async (points: readonly CrashPoint[], leap?: string): Promise<Proof> => {
  const crashes = new CrashPlan();
  const due = new LaggingDueIndex();
  const environment = await ProofEnvironment.start(FUNCTIONS, due.decorate);
  try {
    environment.observer = crashes.injector;
    // Loops continue as new early. Every environment sets the budget again when it starts.
    process.env[SETTINGS.historyMark] = "50";
    environment.functions.fail("bad", "Boom");
    return await proveIn(new ScenarioContext(environment, crashes), due, points, leap);
  } finally {
    await environment.close();
  }
};

interface Case extends CrashPoint {
  readonly prepared: Prepared;
  result?: CrashResult;
  /** The answer to the scenario's act. */
  answer?: unknown;
}

const proveIn = async (
  context: ScenarioContext,
  due: LaggingDueIndex,
  points: readonly CrashPoint[],
  leap: string | undefined,
): Promise<Proof> => {
  const { environment } = context;
  const cases = await prepareAll(context, due, points);
  if (leap !== undefined) await context.advance(leap);
  const sweeps = cases.filter(({ prepared }) => prepared.sweeps !== undefined);
  // Each sweep runs by itself, with only its own items due, so that its crash affects no other case.
  for (const one of sweeps) {
    due.only = one.prepared.sweeps;
    if (due.only?.length === 0) due.only = ["nothing"];
    await crash(context, one);
  }
  await forEachConcurrent(
    cases.filter((one) => !sweeps.includes(one)),
    CONCURRENT,
    (one) => crash(context, one),
  );
  due.only = undefined;
  for (const step of REPAIR) await context.advance(step);
  const wrong = violations(await environment.ledger.read(), environment.now());
  for (const { prepared, answer, ...point } of cases) {
    const own = (await prepared.check?.(answer)) ?? [];
    wrong.push(...own.map((text) => `${nameOf(point)}: ${text}`));
  }
  await forEachConcurrent(cases, CONCURRENT, async ({ prepared }) => prepared.end?.());
  const ledger = await endEverything(context);
  wrong.push(...violations(ledger, environment.now()), ...unfinished(ledger));
  wrong.push(...(await recordViolations(context, ledger)));
  for (const one of cases) {
    if (one.result?.reached !== true) wrong.push(`${nameOf(one)}: the handler was never called`);
  }
  const owned = namesOf(context, ledger);
  return {
    proved: cases.map((one) => provedCrash(one, context.crashes, owned)),
    wrong: wrong.map((text) => `${text} [${ownerOf(text, owned)}]`),
  };
};

/** Releases everything, round after round, until nothing is left to do. */
const endEverything = async (context: ScenarioContext): Promise<Ledger> => {
  const { admin, ledger } = context.environment;
  let now = await ledger.read();
  for (const time of ROUNDS) {
    if (unfinished(now).length === 0) break;
    await releaseAll(admin, now);
    await context.advance(time);
    now = await ledger.read();
  }
  return now;
};

/** The case that each flow, record and run belongs to. */
const namesOf = ({ owners }: ScenarioContext, { items }: Ledger): ReadonlyMap<string, string> => {
  const names = new Map(owners);
  for (const { PK, SK, flowId } of items) {
    const owner = SK === "RUN" ? owners.get(String(flowId)) : undefined;
    const runId = String(PK).split("#")[3] ?? "";
    if (owner !== undefined && !names.has(runId)) names.set(runId, owner);
  }
  return names;
};
const ownerOf = (text: string, names: ReadonlyMap<string, string>): string => {
  const found = [...text.matchAll(NAMES)]
    .map(([name]) => names.get(name))
    .find((owner) => owner !== undefined);
  return found ?? "no case";
};

const provedCrash = (one: Case, { repaired }: CrashPlan, names: ReadonlyMap<string, string>): ProvedCrash => {
  const { scenario, at, fault, result = { reached: false, calls: 0, crashedAt: undefined } } = one;
  const own = [...repaired].some((name) => names.get(name) === nameOf(one));
  const repairedBy = own ? "the sweeper" : isRetried(scenario.handler) ? "its caller" : "nobody";
  return { scenario, at, fault, result, repairedBy: result.crashedAt === undefined ? "nobody" : repairedBy };
};

const nameOf = ({ scenario, at, fault }: CrashPoint): string => `${scenario.name}, call ${at} ${fault}`;

/** Prepares all crash points together. Those with the most stages start first, so that all are ready at the same time. */
const prepareAll = async (
  context: ScenarioContext,
  due: LaggingDueIndex,
  points: readonly CrashPoint[],
): Promise<Case[]> => {
  const cases: Case[] = [];
  const longest = Math.max(...points.map(({ scenario }) => scenario.stages ?? 0));
  due.only = [];
  for (let slot = 0; slot <= longest; slot += 1) {
    if (slot > 0) await context.advance(STAGE);
    await forEachConcurrent(cases, CONCURRENT, ({ scenario, prepared }) => {
      const stage = slot - (longest - (scenario.stages ?? 0)) - 1;
      return prepared.stages?.[stage]?.() ?? Promise.resolve();
    });
    const now = points.filter(({ scenario }) => longest - (scenario.stages ?? 0) === slot);
    await forEachConcurrent(now, CONCURRENT, async (point) => {
      const prepared = await context.within(nameOf(point), () => prepare(context, point));
      cases.push({ ...point, prepared });
    });
  }
  return cases;
};

const prepare = async (context: ScenarioContext, point: CrashPoint): Promise<Prepared> => {
  try {
    return await point.scenario.prepare(context);
  } catch (error) {
    throw new Error(`${nameOf(point)} cannot be prepared`, { cause: error });
  }
};

const crash = async (context: ScenarioContext, one: Case): Promise<void> => {
  const { matches, ignores, act } = one.prepared;
  const functionName = functions[one.scenario.handler].name;
  one.result = context.crashes.plan({
    ...{ functionName, matches, at: one.at, fault: one.fault },
    ignores: (call) => ignores?.(call) === true || one.counts?.(call) === false,
  });
  one.answer = await context.within(nameOf(one), async () => act?.());
};
