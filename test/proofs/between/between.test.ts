import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Table } from "../../../shared/store/table.ts";
import { dailyPart } from "../../harness/daily-part.ts";
import { startTestTable, type TestTable } from "../../harness/table/test-table.ts";
import { bothSucceed, cannotHappen, changesOnlyTheRevision, RIVALS, USE_CASES } from "./changes.ts";
import { ending, outcomeOf } from "./outcome.ts";
import { RivalTable } from "./rival-table.ts";
import { complete, prepared, SITUATIONS } from "./situations.ts";
import type { Change, Subject } from "./subject.ts";

/** `npm run between` plays all; `npm test` a part of them, another one each day, and always those that change only a revision. */
const PARTS = Number(process.env["BETWEEN_PARTS"] ?? 331);
const part = dailyPart(PARTS);
/** Writes of a use case before which another change may happen. */
const WRITES = 3;

let database: TestTable;
beforeAll(async () => {
  database = await startTestTable();
});
afterAll(() => database.close());

const completed = async (situation: string, subject: Subject): Promise<string> => {
  await complete(situation, subject);
  return outcomeOf(subject);
};

/** The result of two changes one after the other, or of one alone. */
const inOrder = async (situation: string, ...changes: readonly Change[]): Promise<string[]> => {
  const subject = await prepared(new Table(database.client, database.name), SITUATIONS[situation] ?? []);
  const endings: string[] = [];
  for (const change of changes) endings.push(await ending(change(subject)));
  return [...endings, await completed(situation, subject)];
};

const cases = Object.entries(USE_CASES).flatMap(([name, change]) =>
  typeof change === "function" ? [[name, change] as const] : [],
);
let count = 0;

describe.each(cases)("another change between the read and the write of %s", (name, change) => {
  test.each(Object.entries(SITUATIONS))(
    "for %s leaves the outcome of one order or the other",
    { timeout: 120_000 },
    async (situationName, situation) => {
      const wrong: string[] = [];
      for (const [rivalName, rival] of Object.entries(RIVALS)) {
        count += 1;
        if (cannotHappen(rivalName, situationName)) continue;
        if (count % PARTS !== part && !changesOnlyTheRevision(rivalName, situationName)) continue;
        const [alone, state] = await inOrder(situationName, rival);
        if (alone !== "done") continue; // not a legal change
        let orders: { first: string[]; second: string[] } | undefined;
        for (let nth = 1; nth <= WRITES; nth += 1) {
          const table = new RivalTable(database.client, database.name);
          const subject = await prepared(table, situation);
          let rivalEnding = "";
          table.arm(nth, async () => {
            rivalEnding = await ending(rival(subject));
          });
          const own = await ending(change(subject));
          if (!table.disarm()) break; // no such write
          const seen = await completed(situationName, subject);
          orders ??= {
            first: await inOrder(situationName, change, rival),
            second: await inOrder(situationName, rival, change),
          };
          const { first, second } = orders;
          const isFirst = seen === first[2] && own === first[0] && rivalEnding === first[1];
          const isSecond = seen === second[2] && own === second[1] && rivalEnding === second[0];
          // A caller that is told about a change reads again: its own action has not been performed.
          const isRefused = own !== "done" && rivalEnding === "done" && seen === state;
          const isBoth =
            bothSucceed(name, rivalName) && own === "done" && rivalEnding === "done" && seen === second[2];
          if (isFirst || isSecond || isRefused || isBoth) continue;
          wrong.push(
            `${rivalName} before write ${nth}: ${own}, ${rivalEnding}, ${seen}\n  ${name} first:  ${first.join(", ")}\n  ${rivalName} first: ${second.join(", ")}`,
          );
        }
      }
      expect(wrong.join("\n")).toBe("");
    },
  );
});
