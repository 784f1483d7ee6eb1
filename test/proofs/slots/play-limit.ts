import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditItem, Run } from "../../../shared/model/schemas/run.ts";
import type { Slots } from "../../../shared/model/schemas/slots.ts";
import { type Client, clientFor, eventually } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import { type StackProcess, startStackProcess } from "../../harness/stack/stack-process.ts";

/** What callers dispatch into a flow with a limit, and how often the stack is killed meanwhile. */
export interface LimitPlay {
  readonly limit: number;
  readonly callers: number;
  /** The customers of the records, in the order in which they are sent. The limit is for each of them if `byCustomer`. */
  readonly customers: readonly string[];
  readonly byCustomer: boolean;
  readonly kills: number;
  /** Longest step, in milliseconds. */
  readonly longest: number;
}

/** A run that has ended: when it began and ended (epoch milliseconds). */
interface Lived {
  readonly runId: string;
  readonly customer: string;
  readonly status: Run["status"];
  readonly begin: number;
  readonly end: number;
}

export interface LimitOutcome {
  readonly runs: readonly Lived[];
  /** The most runs under way at once, of one customer or of all. */
  readonly most: number;
  readonly slots: Slots;
  readonly seconds: number;
}

const FLOW = "limited";
/** Works for as long as its record says. */
const WORK = `export const handler = async (event) => {
  await new Promise((done) => setTimeout(done, event.ms));
  return event;
};
`;

/**
 * Sends the records from several callers at once, kills the stack with SIGKILL in between, and returns what the audit says about every run.
 * A caller repeats a call without an answer with the same idempotency key.
 */
export const playLimit = async (play: LimitPlay): Promise<LimitOutcome> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-limit-"));
  writeFileSync(join(folder, "work.mjs"), WORK);
  const args = ["--port", "0", "--data", join(folder, "data"), "--functions", folder];
  let stack: StackProcess = await startStackProcess(...args);
  try {
    let admin = await clientFor(stack.url, "admin");
    const current = () => admin;
    await admin.publish(FLOW, tasks("work"));
    const concurrency = { limit: play.limit, ...(play.byCustomer ? { key: "$.customer" } : {}) };
    await admin.expect([200], "PUT", `/flows/${FLOW}/caps`, { concurrency });
    const began = Date.now();
    const sending = send(play, current);
    for (let kill = 1; kill <= play.kills; kill += 1) {
      const ended = Math.floor((play.customers.length * kill) / (play.kills + 1));
      await eventually(async () => (await endedSoFar(admin)) >= ended || undefined, 600);
      await stack.kill();
      stack = await startStackProcess(...args);
      admin = await clientFor(stack.url, "admin");
    }
    const ids = await sending;
    await eventually(
      async () => {
        if ((await endedSoFar(admin)) >= play.customers.length) return true;
        // The sweeper repeats what the dead have left.
        if (play.kills > 0) await admin.advance("PT1M");
        return undefined;
      },
      900,
      () => "Not all records have ended",
    );
    const seconds = (Date.now() - began) / 1_000;
    const runs: Lived[] = [];
    for (const [at, runId] of ids.entries()) runs.push(await lived(admin, runId, play.customers[at] ?? ""));
    const slots = await eventually(async () => {
      const found = await admin.expect<Slots & Record<string, never>>([200], "GET", `/flows/${FLOW}/slots`);
      if (found.used === 0 && found.waiting === 0) return found;
      await admin.advance("PT5M");
      return undefined;
    }, 60);
    const groups = Object.values(Object.groupBy(runs, ({ customer }) => (play.byCustomer ? customer : "")));
    return { runs, slots, seconds, most: Math.max(...groups.map((group) => mostAtOnce(group ?? []))) };
  } finally {
    await stack.kill();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Sends all records, each until it is answered, and returns their runs' ids in order. */
const send = async (
  { customers, callers, longest }: LimitPlay,
  admin: () => Client,
): Promise<readonly string[]> => {
  const ids: string[] = new Array(customers.length);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < customers.length) {
      const at = next;
      next += 1;
      const payload = { at, customer: customers[at] ?? "", ms: Math.floor(Math.random() * longest) };
      const body = { payload, priority: Math.floor(Math.random() * 10) };
      ids[at] = await eventually(async () => {
        const call = admin().api.dispatchRun({ flowId: FLOW, body, idempotencyKey: `record ${at}` });
        return call.then(
          ({ runId }) => runId,
          () => undefined,
        );
      }, 600);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return ids;
};

const endedSoFar = async (admin: Client): Promise<number> => {
  let ended = 0;
  let cursor: string | undefined;
  do {
    const page = await admin.api.listRuns({
      query: { flowId: FLOW, status: "completed,failed", limit: 200, cursor },
    });
    ended += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ended;
};

const lived = async (admin: Client, runId: string, customer: string): Promise<Lived> => {
  const entries = await admin.audit(runId);
  const time = (action: AuditItem["action"]) =>
    Date.parse(entries.find((entry) => entry.action === action)?.at ?? "");
  const { status } = await admin.run(runId);
  return { runId, customer, status, begin: time("begin"), end: time("complete") };
};

/** Returns how many of the runs were under way at the same time, at most. An end comes before a begin of the same millisecond. */
export const mostAtOnce = (runs: readonly Pick<Lived, "begin" | "end">[]): number => {
  const changes = runs.flatMap(({ begin, end }) => [
    { at: begin, by: 1 },
    { at: end, by: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
};
