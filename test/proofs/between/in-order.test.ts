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

/** `npm test` plays a third, another one each day; `npm run between`, and an update of the snapshots with BETWEEN_PARTS=1, all. */
const PARTS = Math.min(3, Number(process.env["BETWEEN_PARTS"] ?? 3));

const cases = Object.entries(RIVALS)
  .flatMap(([name, change]) =>
    Object.entries(SITUATIONS).map(([situation, steps]) => ({ name, situation, change, steps })),
  )
  .filter((_case, index) => index % PARTS === dailyPart(PARTS));

// The interleavings rely on these outcomes. After an intended change, update them with `BETWEEN_PARTS=1 npx vitest run test/proofs/between/in-order -u`, and read the difference.
test.each(cases)("$name for $situation, when nobody interferes", async ({ change, steps }) => {
  const subject = await prepared(new Table(database.client, database.name), steps);
  const end = await endOf(change(subject));
  const outcome = JSON.stringify(JSON.parse(await outcomeOf(subject)), null, 1);
  const text = `${end}\n${outcome}`.replace(CHANGING, "…").replace(/\n */g, " ");
  expect(text).toMatchSnapshot();
});
