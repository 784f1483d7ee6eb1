import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SluiceError } from "../../../shared/model/errors.ts";
import { Table } from "../../../shared/store/table.ts";
import { dailyPart } from "../../harness/daily-part.ts";
import { startTestTable, type TestTable } from "../../harness/table/test-table.ts";
import { RIVALS } from "./changes.ts";
import { outcomeOf } from "./outcome.ts";
import { prepared, SITUATIONS } from "./situations.ts";

let database: TestTable;
beforeAll(async () => {
  database = await startTestTable();
});
afterAll(() => database.close());

/** Ids and times, which differ each time that the tests run. */
const CHANGING =
  /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z2-7]{16}\b|\d{4}-\d\d-\d\dT[\d:.]+Z|between-\d+/g;

const endOf = async (change: Promise<unknown>): Promise<string> => {
  try {
    await change;
    return "done";
  } catch (error) {
    if (!(error instanceof SluiceError)) return String(error);
    return `${error.code}: ${error.message} ${JSON.stringify(error.fields)}`;
  }
};

// The interleavings rely on these outcomes, a file for each situation. After an intended change, update them with `npm run between -- -u` and read the difference.

/** `npm test` plays a fifth of the situations, another one each day; `npm run between` plays all. */
const PARTS = Math.min(5, Number(process.env["BETWEEN_PARTS"] ?? 5));

const fileOf = (situation: string): string =>
  `${/^a (queued )?run\b/.test(situation) ? "runs" : "flows"}/${situation.replaceAll(" ", "-")}.json`;

test.each(Object.keys(SITUATIONS).filter((_situation, index) => index % PARTS === dailyPart(PARTS)))(
  "each change for %s, when nobody interferes",
  { timeout: 120_000 },
  async (situation) => {
    const outcomes: Record<string, string> = {};
    for (const [name, change] of Object.entries(RIVALS)) {
      const subject = await prepared(new Table(database.client, database.name), SITUATIONS[situation] ?? []);
      const end = await endOf(change(subject));
      const outcome = JSON.stringify(JSON.parse(await outcomeOf(subject)), null, 1);
      outcomes[name] = `${end} ${outcome}`.replace(CHANGING, "…").replace(/\n */g, " ");
    }
    await expect(`${JSON.stringify(outcomes, null, 2)}\n`).toMatchFileSnapshot(
      `outcomes/${fileOf(situation)}`,
    );
  },
);

test("no outcome is left of a situation that is gone", async () => {
  const found = await readdir(new URL("outcomes", import.meta.url), { recursive: true });
  const files = found.filter((path) => path.endsWith(".json"));
  expect(files.sort()).toEqual(Object.keys(SITUATIONS).map(fileOf).sort());
});
