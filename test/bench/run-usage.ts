import { functions } from "../../infra/functions.ts";
import type { UsageReport } from "../../local/metering/usage.ts";
import { EVENT_SOURCE } from "../../shared/outbound/ports.ts";
import type { Client } from "../harness/clients/client.ts";

/** The usage of some work, without the sweeper, which runs every minute anyway, and without observers. */
export interface WorkUsage {
  readonly transitions: number;
  /** Invocations by function. */
  readonly invocations: Readonly<Record<string, number>>;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** DynamoDB calls by function. */
  readonly calls: Readonly<Record<string, number>>;
  /** Calls of Step Functions and of EventBridge Scheduler, by operation. */
  readonly stepFunctions: Readonly<Record<string, number>>;
  readonly scheduler: Readonly<Record<string, number>>;
  /** Sluice's own events on the bus. */
  readonly events: number;
}

const APART: readonly string[] = [functions.sweep.name, functions.read.name];
const counts = ([name]: readonly [string, unknown]): boolean => !APART.includes(name);

/** The usage of a sweep that finds nothing to do: the smallest of three, as one of the clock's own may still be running. */
export const usageOfIdleSweep = async (admin: Client): Promise<WorkUsage> => {
  // The first sweep processes items that are due from the start.
  await admin.advance("PT5M");
  const sweeps = [await usageOfMinute(admin), await usageOfMinute(admin), await usageOfMinute(admin)];
  return sweeps.reduce((least, sweep) => (sweep.readUnits < least.readUnits ? sweep : least));
};

const usageOfMinute = async (admin: Client): Promise<WorkUsage> => {
  await admin.expect([200], "DELETE", "/local/usage");
  await admin.advance("PT1M");
  const usage = await admin.expect<UsageReport>([200], "GET", "/local/usage");
  const name = functions.sweep.name;
  const { readUnits, writeUnits, calls } = usage.dynamodb.byFunction[name] ?? {
    readUnits: 0,
    writeUnits: 0,
    calls: 0,
  };
  const invocations = usage.lambdaInvocations[name] ?? 0;
  if (invocations < 1) throw new Error("No sweep in a minute");
  const none = { transitions: 0, stepFunctions: {}, scheduler: {}, events: 0 };
  return { ...none, invocations: { [name]: 1 }, readUnits, writeUnits, calls: { [name]: calls } };
};

/** The usage of `work` and all its effects. The clock is stopped, so nothing else becomes due. */
export const usageOf = async (admin: Client, work: () => Promise<unknown>): Promise<WorkUsage> => {
  const before = await lastEvent(admin);
  await admin.expect([200], "DELETE", "/local/usage");
  await work();
  await admin.advance("PT0S");
  const events = (await eventsAfter(admin, before)).filter(({ source }) => source === EVENT_SOURCE).length;
  const usage = await admin.expect<UsageReport>([200], "GET", "/local/usage");
  const own = Object.entries(usage.dynamodb.byFunction).filter(counts);
  const sum = (of: "readUnits" | "writeUnits") => own.reduce((total, [, used]) => total + used[of], 0);
  return {
    transitions: usage.stateTransitions,
    invocations: Object.fromEntries(Object.entries(usage.lambdaInvocations).filter(counts)),
    readUnits: sum("readUnits"),
    writeUnits: sum("writeUnits"),
    calls: Object.fromEntries(own.map(([name, { calls }]) => [name, calls])),
    stepFunctions: usage.stepFunctions,
    scheduler: usage.scheduler,
    events,
  };
};

interface BusEvent {
  readonly seq: number;
  readonly source: string;
}
const eventsAfter = async (admin: Client, after: number): Promise<readonly BusEvent[]> =>
  (await admin.expect<{ items: BusEvent[] }>([200], "GET", `/local/events?after=${after}`)).items;
const lastEvent = async (admin: Client): Promise<number> =>
  Math.max(0, ...(await eventsAfter(admin, 0)).map(({ seq }) => seq));
