import { CRASH_FAULTS } from "./crash-plan.ts";
import { type CrashPoint, type Proof, type ProvedCrash, prove } from "./prove.ts";
import type { Scenario } from "./scenario.ts";

/** Crash points in one environment: few enough that no scenario expires while the others are prepared. */
const BATCH = 250;
/** Beyond every operation's last call. */
const NEVER = 1_000_000;

export interface Enumeration {
  readonly scenarios: readonly Scenario[];
  readonly leap?: string;
  readonly onProgress?: (line: string) => void;
}

/**
 * Crashes every scenario at every call in every way. First counts the calls of each scenario without a crash. A crash may lead to further
 * calls, so crash points are added until one finds no call left.
 */
export const enumerate = async (asked: Enumeration): Promise<Proof> => {
  const { scenarios, leap, onProgress = () => undefined } = asked;
  const proved: ProvedCrash[] = [];
  const wrong: string[] = [];
  const run = async (points: readonly CrashPoint[]): Promise<ProvedCrash[]> => {
    const found: ProvedCrash[] = [];
    for (let at = 0; at < points.length; at += BATCH) {
      const proof = await prove(points.slice(at, at + BATCH), leap);
      found.push(...proof.proved);
      wrong.push(...proof.wrong);
      onProgress(`${at + proof.proved.length} of ${points.length} crash points, ${wrong.length} violations`);
      for (const text of proof.wrong) onProgress(`  ${text}`);
    }
    return found;
  };
  const whole = await run(scenarios.map((scenario) => ({ scenario, at: NEVER, fault: "fails" })));
  const calls = new Map(whole.map(({ scenario, result }) => [scenario, result.calls]));
  let open = scenarios.flatMap((scenario) => pointsOf(scenario, 1, (calls.get(scenario) ?? 0) + 1));
  while (open.length > 0) {
    const found = await run(inOrder(open));
    proved.push(...found);
    const last = new Map<Scenario, number>();
    for (const { scenario, at } of open) last.set(scenario, Math.max(last.get(scenario) ?? 0, at));
    const longer = found.filter(
      ({ scenario, at, result }) => result.crashedAt !== undefined && at === last.get(scenario),
    );
    open = [...new Set(longer.map(({ scenario }) => scenario))].flatMap((scenario) => {
      const from = (last.get(scenario) ?? 0) + 1;
      return pointsOf(scenario, from, from);
    });
  }
  return { proved, wrong };
};

/** Crash points of one scenario. */
const pointsOf = (scenario: Scenario, from: number, to: number): CrashPoint[] =>
  CRASH_FAULTS.flatMap((fault) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ scenario, at: from + index, fault })),
  );

/** Sorts by fault, so that each environment gets crash points of many scenarios. */
const inOrder = (points: readonly CrashPoint[]): CrashPoint[] =>
  CRASH_FAULTS.flatMap((fault) => points.filter((point) => point.fault === fault));
