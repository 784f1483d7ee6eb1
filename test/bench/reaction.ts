import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../harness/clients/client.ts";
import type { BenchStack } from "./bench-stack.ts";
import { lambdaFlow } from "./flows.ts";
import type { Line } from "./report.ts";
import { median, percentile, ratioInterval } from "./statistics.ts";

const FLOW = "stamping";
const STEPS = 60;
const BEFORE = 5;
const WARM_UP = 3;
const LOOK_MS = 5;
const SHARES = [0.5, 0.95];

interface Sample {
  /** Interval between two calls of the user's function while nobody controls the run. */
  readonly step: number;
  /** Time from the pause's request to the last call that began; 0 if no call began after it. */
  readonly toLast: number;
  /** Calls that began after the pause was answered. */
  readonly after: number;
  readonly toNext: number;
}

/** The time until a pause and a resume reach the users' functions. The floor is the time of one step of the same run. */
export const reaction = async ({ admin, stamps }: BenchStack, count: number): Promise<Line[]> => {
  await admin.publish(FLOW, lambdaFlow(STEPS, "stamp"));
  const samples: Sample[] = [];
  for (let n = 0; n < WARM_UP + count; n += 1) {
    const sample = await once(admin, stamps);
    if (n >= WARM_UP) samples.push(sample);
  }
  const line = (name: string, of: (sample: Sample) => number, share: number): Line => {
    const pairs = samples.map((sample) => [of(sample), sample.step] as const);
    return {
      ...{ name: `${name}, p${share * 100}`, value: percentile(samples.map(of), share), unit: "ms" },
      floor: percentile(
        samples.map(({ step }) => step),
        share,
      ),
      interval: ratioInterval(pairs, share),
      note: "floor: one step",
    };
  };
  return [
    ...SHARES.map((share) => line("pause to last function call", ({ toLast }) => toLast, share)),
    ...SHARES.map((share) => line("resume to next function call", ({ toNext }) => toNext, share)),
    {
      name: "function calls after the answer to a pause, most",
      value: Math.max(...samples.map(({ after }) => after)),
      unit: "",
      note: "one where its gate had passed before",
      mark: { of: "value", atMost: 1 },
    },
  ];
};

const once = async (admin: Client, stamps: string): Promise<Sample> => {
  rmSync(stamps, { force: true });
  const { runId } = await admin.dispatch(FLOW, {});
  await until(() => stampsIn(stamps).length >= BEFORE);
  const pausing = now();
  await admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  const paused = now();
  while ((await admin.run(runId)).parkedAt === undefined) await delay(LOOK_MS);
  const calls = stampsIn(stamps);
  const resuming = now();
  await admin.expect([200], "POST", `/runs/${runId}/resume`, {});
  await until(() => stampsIn(stamps).length > calls.length);
  const next = stampsIn(stamps)[calls.length] ?? Number.NaN;
  await admin.expect([200], "POST", `/runs/${runId}/cancel`, {});
  return {
    step: median(calls.slice(1).map((at, index) => at - (calls[index] ?? at))),
    toLast: Math.max(0, (calls.at(-1) ?? 0) - pausing),
    after: calls.filter((at) => at > paused).length,
    toNext: next - resuming,
  };
};

/** Epoch milliseconds with fractions, from the clock that the function uses too. */
const now = (): number => performance.timeOrigin + performance.now();

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await delay(LOOK_MS);
};

const stampsIn = (file: string): number[] =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
