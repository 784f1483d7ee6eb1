import { OUTCOMES, type Outcome } from "./crashes.ts";
import { type CrashPoint, type Proof, type Proved, prove } from "./prove.ts";
import type { Scenario } from "./scenario.ts";

/** Crash points on one stack: few enough that no scenario's time runs out while the others are prepared. */
const BATCH = 250;
/** Beyond every operation's last call. */
const NEVER = 1_000_000;

export interface Enumeration {
  readonly scenarios: readonly Scenario[];
  readonly leap?: string;
  /** Which of an operation's points are tried; absent: all. */
  readonly only?: (at: number, outcome: Outcome) => boolean;
  readonly tell?: (line: string) => void;
}

/**
 * Every call of every scenario, each way: first how many calls each makes when nothing happens, then a crash at each of them, and beyond
 * the last until a crash finds no call any more, since a way that was struck may be longer.
 */
export const enumerate = async (asked: Enumeration): Promise<Proof> => {
  const { scenarios, leap, only = () => true, tell = () => undefined } = asked;
  const proved: Proved[] = [];
  const wrong: string[] = [];
  const run = async (points: readonly CrashPoint[]): Promise<Proved[]> => {
    const found: Proved[] = [];
    for (let at = 0; at < points.length; at += BATCH) {
      const proof = await prove(points.slice(at, at + BATCH), leap);
      found.push(...proof.proved);
      wrong.push(...proof.wrong);
      tell(`${at + proof.proved.length} of ${points.length} crash points, ${wrong.length} things wrong`);
      for (const text of proof.wrong) tell(`  ${text}`);
    }
    return found;
  };
  const whole = await run(scenarios.map((scenario) => ({ scenario, at: NEVER, outcome: "fails before" })));
  const calls = new Map(whole.map(({ scenario, strike }) => [scenario, strike.calls]));
  let open = scenarios.flatMap((scenario) => pointsOf(scenario, 1, (calls.get(scenario) ?? 0) + 1));
  while (open.length > 0) {
    const found = await run(inOrder(open.filter(({ at, outcome }) => only(at, outcome))));
    proved.push(...found);
    const last = new Map<Scenario, number>();
    for (const { scenario, at } of open) last.set(scenario, Math.max(last.get(scenario) ?? 0, at));
    const longer = found.filter(
      ({ scenario, at, strike }) => strike.struck !== undefined && at === last.get(scenario),
    );
    open = [...new Set(longer.map(({ scenario }) => scenario))].flatMap((scenario) => {
      const from = (last.get(scenario) ?? 0) + 1;
      return pointsOf(scenario, from, from);
    });
  }
  return { proved, wrong };
};

/** All scenarios' points of one outcome after the other, so that each stack has some of many. */
const pointsOf = (scenario: Scenario, from: number, to: number): CrashPoint[] =>
  OUTCOMES.flatMap((outcome) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ scenario, at: from + index, outcome })),
  );

const inOrder = (points: readonly CrashPoint[]): CrashPoint[] =>
  OUTCOMES.flatMap((outcome) => points.filter((point) => point.outcome === outcome));
