import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../../infra/build/project-root.ts";
import { startTestTable, type TestTable } from "../../harness/table/test-table.ts";
import { RivalTable } from "../between/rival-table.ts";
import { type ConditionalWrite, verdictOf } from "./conditional-write.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { WeakClient } from "./weak-client.ts";
import { weakened } from "./weaken.ts";
import { BULK_WRITES } from "./writes-of-bulks.ts";
import { FLOW_WRITES } from "./writes-of-flows.ts";
import { INCIDENT_WRITES } from "./writes-of-incidents.ts";
import { RUN_WRITES } from "./writes-of-runs.ts";
import { SLOT_WRITES } from "./writes-of-slots.ts";
import { STEP_WRITES } from "./writes-of-steps.ts";
import { TRIGGER_WRITES } from "./writes-of-triggers.ts";
import { WORKSPACE_WRITES } from "./writes-of-workspaces.ts";

const WRITES = Object.entries<ConditionalWrite>({
  ...RUN_WRITES,
  ...STEP_WRITES,
  ...FLOW_WRITES,
  ...TRIGGER_WRITES,
  ...SLOT_WRITES,
  ...BULK_WRITES,
  ...INCIDENT_WRITES,
  ...WORKSPACE_WRITES,
});

let database: TestTable;
let client: WeakClient;
beforeAll(async () => {
  database = await startTestTable();
  client = new WeakClient(database.client);
});
afterAll(() => database.close());

let nth = 0;
const prepared = async (write: ConditionalWrite) => {
  nth += 1;
  const table = new RivalTable(database.client, database.name);
  const { items, ...rest } = await write(table, nth);
  return { ...rest, look: () => Promise.all(items.map((key) => table.get(key))) };
};

/** Makes a write after a rival's change, and returns whether it was made in spite of it. */
const isMade = async (write: ConditionalWrite, rival: string, during = run): Promise<boolean> => {
  const { write: make, look, rivals, misled } = await prepared(write);
  await rivals[rival]?.();
  const before = await look();
  const verdict = verdictOf(await during(make));
  if (misled !== undefined) return misled();
  return verdict || !isDeepStrictEqual(await look(), before);
};
const run = (make: () => Promise<unknown>): Promise<unknown> => make();

/** Conditions that were sent. */
const sent = new Set<string>();
/** Weaker conditions, and whether a rival has shown one of them. */
const shown = new Map<string, boolean>();

test.each(WRITES)("%s takes effect unless somebody has changed what it relies on", async (_name, write) => {
  const { write: make, look, rivals } = await prepared(write);
  const before = await look();
  const conditions = await client.watch(make);
  expect(await look(), "nothing was written").not.toEqual(before);

  const accepted: string[] = [];
  for (const rival of Object.keys(rivals)) if (await isMade(write, rival)) accepted.push(rival);
  expect(accepted, "made in spite of these").toEqual([]);

  for (const condition of conditions) {
    sent.add(condition.text);
    for (const { of, part, text } of weakened(condition.text, condition.isOrdered)) {
      const id = `${part}  in  ${of}`;
      const weak = (make: () => Promise<unknown>) => client.replacing(condition.text, text, make);
      // An error is not a refusal: the caller learns that Sluice failed.
      for (const rival of Object.keys(rivals))
        if (shown.get(id) !== true) shown.set(id, await isMade(write, rival, weak).catch(() => true));
    }
  }
});

test("a weaker condition of any kind is shown by one of these changes", () => {
  const unnoticed = [...shown].filter(([, isShown]) => !isShown).map(([id]) => id);
  expect(unnoticed.sort()).toEqual(Object.keys(EQUIVALENT).sort());
});

test("each condition of the store is among them", () => {
  const texts = sourcesOf("shared/store").flatMap(conditionsIn);
  expect(texts.length).toBeGreaterThan(40);
  const missing = texts.filter((text) => {
    const pattern = new RegExp(
      text
        .split(/\$\{[^}]*\}/)
        .map(escaped)
        .join(".*"),
      "s",
    );
    return ![...sent].some((condition) => pattern.test(condition));
  });
  expect(missing).toEqual([]);
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const sourcesOf = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(projectRoot, folder, name), "utf8"));

/** The texts of a source file that are conditions, without those that select keys and filter. */
const conditionsIn = (source: string): string[] =>
  [...source.matchAll(/"([^"\n]*)"|`([^`\n]*)`/g)]
    .map(([, plain, template]) => plain ?? template ?? "")
    .filter((text) => /attribute_(not_)?exists\(|(=|<|>|<=|>=|<>) :|contains\(/.test(text))
    .filter((text) => !/:partition|dueKey = :list|^flowId = :flow$|^ ?AND /.test(text));
