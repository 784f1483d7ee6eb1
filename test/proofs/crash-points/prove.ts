import { functions } from "../../../infra/functions.ts";
import { SETTINGS } from "../../../shared/model/settings.ts";
import { type Books, imbalances, readBooks, remains } from "../../harness/ledger/ledger.ts";
import { type AwsCall, ProofStack } from "../harness/proof-stack.ts";
import { unbalanced } from "./books.ts";
import { Crashes, isRetried, NAMES, type Outcome, type Strike } from "./crashes.ts";
import { DueThings } from "./due-things.ts";
import { endAll } from "./end-all.ts";
import { FUNCTIONS } from "./flows.ts";
import type { Prepared, Scenario } from "./scenario.ts";
import { World } from "./world.ts";

/** A scenario with its one crash. */
export interface CrashPoint {
  readonly scenario: Scenario;
  /** Which of the handler's calls, from 1. */
  readonly at: number;
  readonly outcome: Outcome;
  /** Only these calls are counted; absent: all. */
  readonly counts?: (call: AwsCall) => boolean;
}
export interface Proved extends CrashPoint {
  readonly strike: Strike;
  readonly repairedBy: RepairedBy;
}
/** `nobody`: nothing was left to repair. */
export type RepairedBy = "nobody" | "its caller" | "the sweeper";
export interface Proof {
  readonly proved: readonly Proved[];
  /** What does not hold. */
  readonly wrong: readonly string[];
}

/** Scenarios brought to their point at the same time. */
const AT_ONCE = 8;
/** Between two stages of a scenario: longer than anything in it that is waited for. */
const STAGE = "PT45M";
/** Only the sweeper acts meanwhile. */
const REPAIR = ["PT1M", "PT2M", "PT2M", "PT2M", "PT2M", "PT30M", "PT1H", "PT1H", "PT3H"];

/** Crashes everything at once, each in what is its own, lets the sweeper repair it, and checks all. `leap`: passes before the crashes. */
export const prove = async (points: readonly CrashPoint[], leap?: string): Promise<Proof> => {
  const crashes = new Crashes();
  const due = new DueThings();
  const stack = await ProofStack.start(FUNCTIONS, due.decorate);
  const world = new World(stack, crashes);
  try {
    stack.watch = crashes;
    // Loops go on in fresh executions early. Every stack sets the mark anew when it starts.
    process.env[SETTINGS.historyMark] = "50";
    stack.functions.fail("bad", "Boom");
    return await proveOn(world, due, points, leap);
  } finally {
    world.close();
    await stack.close();
  }
};

interface Case extends CrashPoint {
  readonly prepared: Prepared;
  strike?: Strike;
  told?: unknown;
}

const proveOn = async (
  world: World,
  due: DueThings,
  points: readonly CrashPoint[],
  leap: string | undefined,
): Promise<Proof> => {
  const cases = await bringAll(world, due, points);
  if (leap !== undefined) await world.advance(leap);
  const sweeps = cases.filter(({ prepared }) => prepared.sweeps !== undefined);
  // One sweep each: its crash is nobody else's, and everything else is not due to it.
  for (const one of sweeps) {
    due.only = one.prepared.sweeps;
    if (due.only?.length === 0) due.only = ["nothing"];
    await crash(world, one);
  }
  await eachOf(
    cases.filter((one) => !sweeps.includes(one)),
    (one) => crash(world, one),
  );
  due.only = undefined;
  for (const step of REPAIR) await world.advance(step);
  const wrong = [...imbalances(await readBooks(world.stack.url))];
  for (const { prepared, told, ...point } of cases) {
    const standing = (await prepared.standing?.(told)) ?? [];
    wrong.push(...standing.map((text) => `${nameOf(point)}: ${text}`));
  }
  await eachOf(cases, async ({ prepared }) => prepared.end?.());
  const books = await endAll(world);
  wrong.push(...imbalances(books), ...remains(books), ...(await unbalanced(world, books)));
  for (const one of cases) {
    if (one.strike?.met !== true) wrong.push(`${nameOf(one)}: the handler was never called`);
  }
  const owned = namesOf(world, books);
  return {
    proved: cases.map((one) => provedOf(one, world.crashes, owned)),
    wrong: wrong.map((text) => `${text} [${ownerOf(text, owned)}]`),
  };
};

/** Flows, records and runs, by the case that they belong to. */
const namesOf = ({ owners }: World, { items }: Books): ReadonlyMap<string, string> => {
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
  return found ?? "nobody's";
};

const provedOf = (one: Case, { swept }: Crashes, names: ReadonlyMap<string, string>): Proved => {
  const { scenario, at, outcome, strike = { met: false, calls: 0, struck: undefined } } = one;
  const own = [...swept].some((name) => names.get(name) === nameOf(one));
  const repairedBy = own ? "the sweeper" : isRetried(scenario.handler) ? "its caller" : "nobody";
  return { scenario, at, outcome, strike, repairedBy: strike.struck === undefined ? "nobody" : repairedBy };
};

const nameOf = ({ scenario, at, outcome }: CrashPoint): string => `${scenario.name}, ${outcome} call ${at}`;

/** Brings all to the point at which they crash, at the same time: those that take longest are begun first. */
const bringAll = async (world: World, due: DueThings, points: readonly CrashPoint[]): Promise<Case[]> => {
  const cases: Case[] = [];
  const longest = Math.max(...points.map(({ scenario }) => scenario.stages ?? 0));
  due.only = [];
  for (let slot = 0; slot <= longest; slot += 1) {
    if (slot > 0) await world.advance(STAGE);
    await eachOf(cases, ({ scenario, prepared }) => {
      const stage = slot - (longest - (scenario.stages ?? 0)) - 1;
      return prepared.stages?.[stage]?.() ?? Promise.resolve();
    });
    const now = points.filter(({ scenario }) => longest - (scenario.stages ?? 0) === slot);
    await eachOf(now, async (point) => {
      const prepared = await world.within(nameOf(point), () => preparing(world, point));
      cases.push({ ...point, prepared });
    });
  }
  return cases;
};

const preparing = async (world: World, point: CrashPoint): Promise<Prepared> => {
  try {
    return await point.scenario.prepare(world);
  } catch (error) {
    throw new Error(`${nameOf(point)} cannot be prepared`, { cause: error });
  }
};

const crash = async (world: World, one: Case): Promise<void> => {
  const { matches, besides, act } = one.prepared;
  const functionName = functions[one.scenario.handler].name;
  one.strike = world.crashes.plan({
    ...{ functionName, matches, at: one.at, outcome: one.outcome },
    besides: (call) => besides?.(call) === true || one.counts?.(call) === false,
  });
  one.told = await world.within(nameOf(one), async () => act?.());
};

/** A few at a time. */
const eachOf = async <T>(things: readonly T[], work: (thing: T) => Promise<unknown>): Promise<void> => {
  const open = things.values();
  const worker = async (): Promise<void> => {
    for (const thing of open) await work(thing);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};
