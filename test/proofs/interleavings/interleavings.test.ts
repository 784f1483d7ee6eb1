import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { dailyPart } from "../../harness/daily-part.ts";
import { replayCommand } from "../harness/replay.ts";
import { OPERATION_NAMES, type OperationName } from "./operations.ts";
import { BUGS, type Bug, type BugName } from "./planted-bugs.ts";
import { groupsOf, PAIRS, scenarios } from "./scenarios.ts";
import { ScheduleRunner } from "./schedule-runner.ts";
import { type Found, search } from "./search.ts";

/**
 * Plays Sluice's operations concurrently, with their AWS calls in an order that fast-check's scheduler chooses: each pair, then groups of
 * three and four, from every situation of a run and its flow, some with a fault or a slow process. `npm run interleavings` plays more
 * schedules, and replays one.
 */
const { SCHEDULES, SEED, REPLAY, OPERATIONS } = process.env;
/** `npm test` plays one in 78 of the pairs, another one each day: what comes between a read and its write is in `test/proofs/between`. */
const SHARES = SCHEDULES === undefined ? 104 : 1;
const share = dailyPart(SHARES);
const only = (OPERATIONS?.split(" + ") as OperationName[] | undefined) ?? OPERATION_NAMES;
const pairs = [...PAIRS.entries()].filter(
  ([index, pair]) => index % SHARES === share && pair.every((name) => only.includes(name)),
);
const groups = groupsOf(only);
const schedules = Number(SCHEDULES ?? pairs.length + 8);
/** Fixed in `npm test`, so that a failure comes from a change of the code and not from chance. The script draws one. */
const seed = Number(SEED ?? 1_126);
const MINUTES = 60_000;
/** Schedules of groups per search, which ends with the first violation. */
const GROUPS = 200;

const runner = new ScheduleRunner();
afterAll(() => runner.close());

/** Reports of what was found, each with the command that replays it. */
const reportsOf = (found: readonly Found[], names: readonly OperationName[] | undefined): string =>
  found
    .map(({ report, path, ...of }) => {
      const options = { seed: of.seed, path, operations: names?.join(" + ") };
      return `${report}\nReplay: ${replayCommand("interleavings", options)}\n`;
    })
    .join("\n");

describe.runIf(REPLAY !== undefined)("the replay", () => {
  test("has no violations", { timeout: MINUTES }, async () => {
    const names = OPERATIONS === undefined ? undefined : only;
    const drawn = names === undefined ? groups : fc.constant(names);
    const asked = { scenarios: scenarios(drawn), schedules: 1, seed, path: REPLAY };
    const found = await search(runner, asked);
    expect(found === undefined ? "" : reportsOf([found], names)).toBe("");
  });
});

describe.runIf(REPLAY === undefined)(`${schedules} schedules, seed ${seed}`, () => {
  const each = Math.max(1, Math.floor((schedules * 0.8) / pairs.length));
  const timeout = Math.max(10, schedules / 10) * MINUTES;

  test("of every pair of operations have no violations", { timeout }, async () => {
    const reports: string[] = [];
    for (const [index, pair] of pairs) {
      const asked = { scenarios: scenarios(fc.constant(pair)), schedules: each, seed: seed + index };
      const found = await search(runner, asked);
      if (found === undefined) continue;
      reports.push(reportsOf([found], pair));
      process.stderr.write(reports.at(-1) ?? "");
    }
    expect(reports.join("\n")).toBe("");
  });

  test("of three and four operations have no violations", { timeout }, async () => {
    const reports: string[] = [];
    for (
      let left = Math.max(1, schedules - each * pairs.length), part = 0;
      left > 0;
      left -= GROUPS, part += 1
    ) {
      const asked = { scenarios: scenarios(groups), schedules: Math.min(left, GROUPS), seed: seed + part };
      const found = await search(runner, asked);
      if (found === undefined) continue;
      reports.push(reportsOf([found], undefined));
      process.stderr.write(reports.at(-1) ?? "");
    }
    expect(reports.join("\n")).toBe("");
  });
});

/** The number of schedules searched for a bug. With these seeds it shows early, unless the product's calls have changed. */
const MAX_SEARCHED = 400;
const SEEDS: Readonly<Record<BugName, number>> = { a: 6, b: 142, c: 91, d: 24, e: 2, f: 358, g: 2, h: 3 };

/** `npm test` plants a quarter of the bugs, another one each day. */
const planted = (Object.keys(BUGS) as BugName[]).filter(
  (_name, index) => SCHEDULES !== undefined || index % 4 === dailyPart(4),
);

describe.runIf(REPLAY === undefined)("the schedules find the planted bug", () => {
  test.each(planted)("%s", { timeout: 5 * MINUTES }, async (name) => {
    const { operations, situation, planned }: Bug["where"] = BUGS[name].where;
    runner.bug = name;
    try {
      const asked = scenarios(fc.constant(operations), fc.constant(situation), planned);
      const found = await search(runner, { scenarios: asked, schedules: MAX_SEARCHED, seed: SEEDS[name] });
      expect(found?.report).toContain("A schedule has violations");
      runner.bug = undefined;
      const again = { scenarios: asked, schedules: 1, seed: SEEDS[name], path: found?.path };
      expect(await search(runner, again)).toBeUndefined();
    } finally {
      runner.bug = undefined;
    }
  });
});
