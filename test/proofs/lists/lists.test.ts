import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HardStack, hardStack } from "../../harness/stack/test-stack.ts";
import type { ListId, ListWorld } from "./list-world.ts";
import { OTHER_LISTS } from "./other-lists.ts";
import { attentionWorld, KnownRuns, runsWorld } from "./run-lists.ts";

/** Walks of each list of runs, and of each other one. */
const WALKS = Number(process.env["WALKS"] ?? 5);
const seed = Number(process.env["SEED"] ?? 1_126);

let stack: HardStack;
let runs: KnownRuns;
beforeAll(async () => {
  const steps = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"];
  stack = await hardStack({ pageSize: 2, emptyPages: 4 }, ...steps);
  runs = await KnownRuns.prepare(stack);
});
afterAll(() => stack?.close());

interface Walk {
  readonly filter?: number;
  readonly limit: number;
  /** The change after each page, if any. */
  readonly changes: readonly ({ readonly kind: number; readonly choice: number } | null)[];
}
const walks = fc.record<Walk>({
  limit: fc.integer({ min: 1, max: 4 }),
  changes: fc.array(fc.option(fc.record({ kind: fc.nat(), choice: fc.nat() }), { freq: 2 }), {
    minLength: 3,
    maxLength: 6,
  }),
});
const MAX_PAGES = 400;

/** Reads a list to its end, with changes between the pages. */
const play = async (world: ListWorld, walk: Walk): Promise<void> => {
  const filter = world.filters[(walk.filter ?? 0) % world.filters.length] ?? {};
  const seen: string[] = [];
  let throughout = new Set(world.expected(filter));
  const everThere = new Set(throughout);
  let cursor: string | undefined;
  for (let page = 0; ; page += 1) {
    if (page > MAX_PAGES) throw new Error("The list has no end");
    const { ids, nextCursor } = await world.page(filter, walk.limit, cursor);
    seen.push(...ids);
    cursor = nextCursor;
    if (cursor === undefined) break;
    const change = walk.changes[page];
    if (change == null) continue;
    await world.changes[change.kind % world.changes.length]?.(change.choice);
    const now = new Set(world.expected(filter));
    throughout = new Set([...throughout].filter((id) => now.has(id)));
    for (const id of now) everThere.add(id);
  }
  const what = `${JSON.stringify(filter)}, limit ${walk.limit}`;
  expect(new Set(seen).size, `${what}: an item comes twice`).toBe(seen.length);
  expect(
    [...throughout].filter((id) => !seen.includes(id)),
    `${what}: items are missing`,
  ).toEqual([]);
  expect(
    seen.filter((id) => !everThere.has(id)),
    `${what}: items do not belong there`,
  ).toEqual([]);
};

const playAll = async (world: ListWorld, count: number): Promise<void> => {
  for (const [filter, walk] of fc.sample(walks, { numRuns: count, seed }).entries())
    await play(world, { ...walk, filter });
};

describe("a list that changes between its pages has what was there throughout, each item once", () => {
  test.each([
    ["listRuns", runsWorld],
    ["listAttention", attentionWorld],
  ] as const)("%s", { timeout: 120_000 }, async (_id, worldOf) => {
    await playAll(worldOf(stack, runs), WALKS);
  });

  test.each(Object.keys(OTHER_LISTS) as (keyof typeof OTHER_LISTS & ListId)[])(
    "%s",
    { timeout: 120_000 },
    async (id) => {
      await playAll(await OTHER_LISTS[id](stack), Math.ceil(WALKS / 8));
    },
  );

  test("although the engine has answered with short and empty pages", () => {
    expect(stack.engine.hits).toBeGreaterThan(100);
  });
});
