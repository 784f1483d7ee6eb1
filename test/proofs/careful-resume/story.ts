import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import type { TestStack } from "../../harness/stack/test-stack.ts";

export interface StorySize {
  readonly runs: number;
  /** The run with which the second function begins to fail. */
  readonly breaksAt: number;
  /** Failures a minute that hold the flow. */
  readonly cap: number;
  /** The runs in the second function when it fails, and those in the first. The rest is dispatched afterwards. */
  readonly inSecond: number;
  readonly inFirst: number;
  readonly canary: number;
  readonly drainRate: number;
  /** The interval of the ramp, in seconds. It begins with one a second and doubles. */
  readonly every: number;
  /** The run of the ramp with which the function fails again. Absent: it does not. */
  readonly breaksAgainAt?: number;
}

/** The functions of the story's flow. */
export const FUNCTIONS = ["reserve", "charge"] as const;

/** An interval of a ramp, by the stack's clock. The last one is the rest of the drain, at its rate. */
interface Interval {
  readonly rate: number;
  /** The runs that were let through in it, and how many its rate allows. */
  readonly passed: number;
  readonly allowed: number;
  /** The runs that were let through in its fastest second. */
  readonly fastest: number;
}

/** The second break of a story. */
interface SecondBreak {
  /** From there to the next hold, by the stack's clock. */
  readonly heldAfterMs: number;
  readonly failed: number;
}

export interface Story {
  /** Failures of the first break, and how many of their calls had begun before the flow was held. */
  readonly failed: number;
  readonly begunBeforeHold: number;
  readonly standing: number;
  readonly queued: number;
  /** The ids of the canary's runs, and of the oldest ones that had not ended. */
  readonly chosen: readonly string[];
  readonly oldest: readonly string[];
  /** The runs that had ended when the canary had passed, beyond those before it. */
  readonly endedWithCanary: number;
  readonly again?: SecondBreak;
  readonly intervals: readonly Interval[];
  readonly census: Readonly<Record<string, number>>;
  /** The numbers of records that a function was called for more than once, and never. */
  readonly twice: number;
  readonly never: number;
}

const second = (time: string | undefined): number => Date.parse(time ?? "") / 1_000;

/**
 * Plays the story of a flow whose function breaks: the error cap holds it; the function is mended; a canary and a ramp begin. If the function
 * breaks again in the ramp, that is stopped; it is mended for good, and the rest goes through a whole ramp.
 */
export const playStory = async (stack: TestStack, flowId: string, size: StorySize): Promise<Story> => {
  const { admin, functions } = stack;
  const flow = new FlowClient(admin, flowId);
  await admin.publish(flowId, tasks(...FUNCTIONS));
  await flow.caps({ errors: { count: size.cap, per: "minute" } });
  const records = Array.from({ length: size.runs }, (_, i) => ({ i }));
  await flow.dispatchAll(records.slice(0, size.breaksAt));
  await flow.untilCensus({ completed: size.breaksAt }, 120);

  functions.fail("charge", "ProviderDown");
  functions.block("charge");
  const [inSecond, inFirst] = [size.breaksAt + size.inSecond, size.breaksAt + size.inSecond + size.inFirst];
  await flow.dispatchAll(records.slice(size.breaksAt, inSecond));
  await calledOften(stack, "charge", inSecond);
  functions.block("reserve");
  await flow.dispatchAll(records.slice(inSecond, inFirst));
  await calledOften(stack, "reserve", inFirst);
  functions.release("charge");
  await flow.until(({ status }) => status === "paused_safety", 60);
  functions.release("reserve");
  await flow.dispatchAll(records.slice(inFirst));
  const held = await settledHold(stack, flow);
  const since = second(held.holds[0]?.since);
  const broken = await flow.runs();
  const failures = broken.filter(({ status }) => status === "failed");
  const begun = await Promise.all(failures.map(({ runId }) => chargedAt(stack, runId)));
  const open = broken.filter(({ status }) => status === "paused" || status === "pending");

  functions.mend("charge");
  const ramp = { from: 1, every: `PT${size.every}S` };
  await must(flow.resume({ canary: size.canary, drainRate: size.drainRate, ramp }));
  await admin.advance("PT2S");
  const passed = await until(stack, flow, ({ canary }) => canary?.state === "passed");
  const first = passed.ramp?.since ?? passed.updatedAt;
  const endedWithCanary = (await flow.runs()).filter(
    ({ status, endedAt }) => status === "completed" && (endedAt ?? "") <= first,
  ).length;

  let again: SecondBreak | undefined;
  if (size.breaksAgainAt !== undefined) {
    const before = size.breaksAt + size.canary + failures.length;
    again = await breakAgain(stack, flow, before + size.breaksAgainAt);
    functions.mend("charge");
    await must(flow.resume({ drainRate: size.drainRate, ramp }));
  }
  const whole = (await flow.now()).ramp;
  await until(stack, flow, (now) => now.ramp === undefined && now.draining === null);
  const failed = failures.length + (again?.failed ?? 0);
  await flow.untilCensus({ completed: size.runs - failed, failed }, 120);
  const all = await flow.runs();
  const calls = new Map<number, number>();
  for (const { at, event } of functions.calls("reserve"))
    if (at === "begin") {
      const { i } = event as { i: number };
      calls.set(i, (calls.get(i) ?? 0) + 1);
    }
  return {
    ...{ failed: failures.length, begunBeforeHold: begun.filter((at) => at <= since + 1).length },
    standing: open.filter(({ status }) => status === "paused").length,
    queued: open.filter(({ queued }) => queued).length,
    chosen: [...(passed.canary?.runs ?? [])].sort(),
    oldest: oldestOf(open, size.canary),
    endedWithCanary: endedWithCanary - size.breaksAt,
    ...(again === undefined ? {} : { again }),
    intervals: intervalsOf(all, second(whole?.since), size),
    census: await flow.census(),
    twice: [...calls.values()].filter((count) => count > 1).length,
    never: records.filter(({ i }) => !calls.has(i)).length,
  };
};

/** Breaks the second function once so many runs have ended, and waits until the flow is held and nothing moves any more. */
const breakAgain = async (stack: TestStack, flow: FlowClient, at: number): Promise<SecondBreak> => {
  const { admin, functions } = stack;
  await until(stack, flow, async () => (await ended(flow)) >= at);
  const { failed: before = 0 } = await flow.census();
  functions.fail("charge", "ProviderDown");
  const brokeAt = (await admin.expect<{ now: string }>([200], "GET", "/local/clock")).now;
  const held = await until(stack, flow, ({ status }) => status === "paused_safety");
  await settledHold(stack, flow);
  const { failed = 0 } = await flow.census();
  return {
    heldAfterMs: Date.parse(held.holds[0]?.since ?? "") - Date.parse(brokeAt),
    failed: failed - before,
  };
};

/** Waits until the function has been called so often. */
const calledOften = ({ functions }: TestStack, name: string, times: number): Promise<true> =>
  eventually(
    async () => functions.count(name) >= times || undefined,
    120,
    () => `${name} was called ${functions.count(name)} times`,
  );

/** Those that stand at a gate go before those in the queue. */
const oldestOf = (open: readonly Run[], count: number): string[] => {
  const place = ({ createdAt, runId }: Run) => `${createdAt} ${runId}`;
  const byAge = (a: Run, b: Run) => (place(a) < place(b) ? -1 : 1);
  const standing = open.filter(({ status }) => status === "paused").toSorted(byAge);
  const queued = open.filter(({ status }) => status === "pending").toSorted(byAge);
  return [...standing, ...queued]
    .slice(0, count)
    .map(({ runId }) => runId)
    .sort();
};

/** The flow once it is held and nothing moves any more. */
const settledHold = async (stack: TestStack, flow: FlowClient): Promise<Flow> => {
  const held = await until(stack, flow, ({ status }) => status === "paused_safety");
  await until(stack, flow, async () => {
    const { running = 0, pending = 0 } = await flow.census();
    return running === 0 && pending <= (await flow.now()).queued;
  });
  return held;
};

/** Moves the stack's clock second by second until the flow is as wanted. */
const until = async (
  { admin }: TestStack,
  flow: FlowClient,
  wanted: (now: Flow) => boolean | Promise<boolean>,
): Promise<Flow> => {
  for (let seconds = 0; seconds < 1_200; seconds += 1) {
    const now = await flow.now();
    if (await wanted(now)) return now;
    await admin.advance("PT1S");
  }
  throw new Error(`The flow is not as expected: ${JSON.stringify(await flow.now())}`);
};

const ended = async (flow: FlowClient): Promise<number> => {
  const { completed = 0, failed = 0 } = await flow.census();
  return completed + failed;
};

/** When the run's second function was let begin, in seconds. */
const chargedAt = async ({ admin }: TestStack, runId: string): Promise<number> => {
  const { items } = await admin.api.listSteps({ runId, query: {} });
  return second(items.find(({ name }) => name === "charge")?.startedAt);
};

const intervalsOf = (runs: readonly Run[], since: number, { every, drainRate }: StorySize): Interval[] => {
  const times = runs.flatMap(({ endedAt }) => (second(endedAt) >= since ? [second(endedAt) - since] : []));
  const intervals: Interval[] = [];
  const add = (rate: number, from: number, to: number): void => {
    const passed = times.filter((at) => at >= from && at < to);
    const seconds = new Map<number, number>();
    for (const at of passed) seconds.set(Math.floor(at), (seconds.get(Math.floor(at)) ?? 0) + 1);
    const fastest = Math.max(0, ...seconds.values());
    intervals.push({ rate, passed: passed.length, allowed: Math.ceil(rate * (to - from)), fastest });
  };
  let from = 0;
  for (let rate = 1; rate < drainRate; rate *= 2, from += every) add(rate, from, from + every);
  const last = Math.max(0, ...times) + 1;
  if (last > from) add(drainRate, from, last);
  return intervals;
};

const must = async (answer: ReturnType<FlowClient["resume"]>): Promise<void> => {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(JSON.stringify(body));
};
