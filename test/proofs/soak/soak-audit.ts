import { forEachConcurrent } from "../../../shared/domain/concurrency.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Client } from "../../harness/clients/client.ts";
import { stackTime } from "../../harness/clients/flow-client.ts";
import { SHAPES } from "../harness/flow-shapes.ts";
import { unfinished, violations } from "../harness/ledger/invariants.ts";
import type { LedgerReader } from "../harness/ledger/ledger.ts";
import { stepCalls } from "../harness/ledger/step-calls.ts";
import type { ClientJournal } from "./client-journal.ts";
import type { RestartableStack } from "./restartable-stack.ts";

export interface SoakAudit {
  readonly runs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly steps: number;
  /** Steps that began again, each because of a kill. */
  readonly again: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** A kill within this time after a call may keep the engine from recording its end. */
const REACH_MS = 2_000;

/** Compares the records of the clients, the users' functions, the table and the engine. */
export const auditSoak = async (
  stack: RestartableStack,
  admin: Client,
  reader: LedgerReader,
  journal: ClientJournal,
): Promise<SoakAudit> => {
  const ledger = await reader.read();
  const found = [...violations(ledger, await stackTime(admin)), ...unfinished(ledger)];

  const existing = new Set(ledger.runs.map(({ runId }) => runId));
  const owners = new Map([...journal.accepted].map(([id, runId]) => [runId, id]));
  for (const [id, runId] of journal.accepted) {
    if (!existing.has(runId) && !journal.deleted.has(runId))
      found.push(`record ${id} was accepted, but its run ${runId} is gone`);
  }
  const byStatus: Record<string, number> = {};
  await forEachConcurrent(ledger.runs, { concurrency: 8 }, async ({ runId, status, flowId, startState }) => {
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    const { payload, output } = await admin.run(runId);
    const id = String((payload as JsonObject)["id"]);
    const owner = owners.get(runId);
    if (owner === undefined && !journal.refused.has(id))
      found.push(`run ${runId} of record ${id} was never accepted`);
    if (owner !== undefined && owner !== id)
      found.push(`run ${runId} has record ${id}, but was started for ${owner}`);
    if (status !== "completed" || startState !== undefined) return;
    const missing = marksMissing(SHAPES[flowId]?.parts ?? [], output as JsonObject);
    if (missing.length > 0) found.push(`run ${runId} completed without ${missing.join(", ")}`);
  });

  const steps = stepCalls(stack.functions);
  let again = 0;
  for (const [key, calls] of steps) {
    // A flow may retry a call that failed.
    const tried = calls.filter(({ failed }) => !failed);
    if (tried.length < 2) continue;
    again += tried.length - 1;
    const isCutOff =
      ({ from, to }: (typeof calls)[number]) =>
      (kill: { readonly from: number }) =>
        from <= kill.from && (to === undefined || kill.from <= to + REACH_MS);
    const explained = tried.filter((call) => stack.outages.some(isCutOff(call))).length;
    if (tried.length - 1 > explained)
      found.push(`the step "${key}" began ${calls.length} times, ${explained} of them interrupted by a kill`);
  }

  const deadLetters: Record<string, number> = {};
  const { items } = await admin.expect<{ items: JsonObject[] }>([200], "GET", "/local/dead-letters");
  for (const letter of items) {
    const error = letter["error"] as JsonObject | undefined;
    const why = String(error?.["name"] ?? error?.["errorType"] ?? "?");
    const key = `${letter["source"]} to ${letter["target"]}: ${why}`;
    deadLetters[key] = (deadLetters[key] ?? 0) + 1;
    if (!/InjectedFault|ServiceError|ServiceUnavailable/i.test(JSON.stringify(letter)))
      found.push(`dead letter: ${JSON.stringify(letter).slice(0, 300)}`);
  }
  return { runs: ledger.runs.length, byStatus, steps: steps.size, again, deadLetters, violations: found };
};

/** Functions that left no mark in the output, in parts that do not catch errors. */
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
