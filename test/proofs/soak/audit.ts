import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { imbalances, readBooks, remains } from "../../harness/ledger/ledger.ts";
import type { Client } from "../../support/client.ts";
import { SHAPES } from "../model/shapes.ts";
import { callKey } from "../model/state.ts";
import type { Book } from "./book.ts";
import { each } from "./drain.ts";
import type { Service } from "./service.ts";

export interface Audit {
  readonly runs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly steps: number;
  /** Steps that began again, each within reach of a kill. */
  readonly again: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** A call that ended so shortly before a kill may not have been written down by the engine. */
const REACH_MS = 2_000;

/** Holds what clients, users' functions, the table and the engine say against each other. */
export const audit = async (service: Service, admin: Client, book: Book): Promise<Audit> => {
  const violations: string[] = [];
  const books = await readBooks(service.url);
  violations.push(...imbalances(books), ...remains(books));

  const byRun = new Map(books.runs.map((run) => [run.runId, run]));
  const owners = new Map([...book.accepted].map(([id, runId]) => [runId, id]));
  for (const [id, runId] of book.accepted) {
    if (!byRun.has(runId) && !book.deleted.has(runId))
      violations.push(`record ${id} was accepted and its run ${runId} is gone`);
  }
  const byStatus: Record<string, number> = {};
  await each(books.runs, async ({ runId, status, flowId, startState }) => {
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    const { payload, output } = await admin.run(runId);
    const id = String((payload as JsonObject)["id"]);
    const owner = owners.get(runId);
    if (owner === undefined && !book.refused.has(id))
      violations.push(`run ${runId} of record ${id} was never accepted`);
    if (owner !== undefined && owner !== id)
      violations.push(`run ${runId} has record ${id}, and is ${owner}'s`);
    if (status !== "completed" || startState !== undefined) return;
    const missing = marksMissing(SHAPES[flowId]?.parts ?? [], output as JsonObject);
    if (missing.length > 0) violations.push(`run ${runId} completed without ${missing.join(", ")}`);
  });

  const steps = stepsOf(service);
  let again = 0;
  for (const [key, calls] of steps) {
    if (calls.length === 1) continue;
    const tried = calls.filter(({ failed }) => !failed);
    if (tried.length < 2) continue;
    again += tried.length - 1;
    const explained = tried.filter((call) => service.outages.some(({ from }) => hit(call, from))).length;
    if (tried.length - 1 > explained)
      violations.push(`the step "${key}" began ${calls.length} times, ${explained} cut off by a kill`);
  }

  const deadLetters: Record<string, number> = {};
  const { items } = await admin.expect<{ items: JsonObject[] }>([200], "GET", "/local/dead-letters");
  for (const letter of items) {
    const error = letter["error"] as JsonObject | undefined;
    const why = String(error?.["name"] ?? error?.["errorType"] ?? "?");
    const key = `${letter["source"]} to ${letter["target"]}: ${why}`;
    deadLetters[key] = (deadLetters[key] ?? 0) + 1;
    if (!/InjectedFault|ServiceError|ServiceUnavailable/i.test(JSON.stringify(letter)))
      violations.push(`dead letter: ${JSON.stringify(letter).slice(0, 300)}`);
  }
  return { runs: books.runs.length, byStatus, steps: steps.size, again, deadLetters, violations };
};

interface Call {
  readonly from: number;
  /** Absent: it never came to its end. */
  readonly to?: number;
  /** It was told to fail, which a flow may answer by another try. */
  readonly failed?: true;
}
const hit = ({ from, to }: Call, kill: number): boolean =>
  from <= kill && (to === undefined || kill <= to + REACH_MS);

/** The calls of each step, as the functions have written them down. */
const stepsOf = ({ functions }: Service): Map<string, Call[]> => {
  const steps = new Map<string, Call[]>();
  const lines = readFileSync(join(functions.dir, "calls.log"), "utf8").split("\n");
  for (const line of lines) {
    if (line === "") continue;
    const { name, at, event, time } = JSON.parse(line) as {
      name: string;
      at: string;
      event: Json;
      time: number;
    };
    const key = callKey(name, event);
    const calls = steps.get(key) ?? [];
    steps.set(key, calls);
    const open = calls.findLastIndex(({ to }) => to === undefined);
    if (at === "begin") calls.push({ from: time });
    else if (open >= 0) {
      const from = calls[open]?.from ?? time;
      calls[open] = { from, to: time, ...(at === "fail" ? { failed: true } : {}) };
    }
  }
  return steps;
};

/** Functions that left no mark in the output, of parts whose errors nobody caught. */
const marksMissing = (parts: (typeof SHAPES)[string]["parts"], output: JsonObject): string[] =>
  parts.flatMap((part) => {
    if (part.kind === "task") return part.catches || output[part.fn] !== undefined ? [] : [part.fn];
    if (part.kind === "fan") return markOf(output["fan"], part.lanes);
    if (part.kind === "map") return markOf(output["map"], [part.fns, part.fns]);
    return [];
  });
const markOf = (lanes: unknown, expected: readonly (readonly string[])[]): string[] =>
  expected.flatMap((fns, index) =>
    fns.filter((fn) => (lanes as JsonObject[] | undefined)?.[index]?.[fn] === undefined),
  );
