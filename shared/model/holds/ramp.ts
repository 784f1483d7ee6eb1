import { durationMilliseconds } from "../time/clock.ts";

/** A resume that lets runs continue slowly at first: its rate grows by a factor until it reaches that of the drain. */
export interface Ramp {
  /** The epoch of the resume. Ends of runs are counted on a meter of its own. */
  readonly era: number;
  /** When the flow was resumed. ISO 8601. */
  readonly since: string;
  /** Wakes and starts per second at first, and in the end. */
  readonly from: number;
  readonly to: number;
  readonly factor: number;
  /** The interval between two raises of the rate: an ISO 8601 duration. */
  readonly every: string;
  /** The failures of runs, and their share of those that ended, that stop the ramp. */
  readonly stopOn?: RampStop;
}
interface RampStop {
  readonly failures: number;
  readonly percent?: number | undefined;
}

/** A ramp as a request describes it. */
export interface AskedRamp {
  readonly from: number;
  readonly factor?: number | undefined;
  /** ISO 8601 duration. */
  readonly every?: string | undefined;
  readonly stopOn?: Ramp["stopOn"];
}

type RampShape = Pick<Ramp, "from" | "to" | "factor" | "every">;

const milliseconds = (every: string): number => durationMilliseconds(every) ?? 60_000;

/** Returns how long the rate stays below that of the drain, in milliseconds. */
export const rampLength = ({ from, to, factor, every }: RampShape): number => {
  let raises = 0;
  for (let rate = from; rate < to; rate *= factor) raises += 1;
  return raises * milliseconds(every);
};

/** Returns when the ramp is over. Epoch milliseconds. */
export const rampEnd = (ramp: Ramp): number => Date.parse(ramp.since) + rampLength(ramp);

/** Returns the wakes and starts per second at `now` (epoch milliseconds). It depends on the time alone, so a drain that is restarted keeps it. */
export const rampRate = ({ since, from, to, factor, every }: Ramp, now: number): number => {
  const raises = Math.max(0, Math.floor((now - Date.parse(since)) / milliseconds(every)));
  return Math.max(1, Math.floor(Math.min(to, from * factor ** raises)));
};

/** Whether so many failures and completions since the resume stop the ramp. */
export const stopsRamp = (
  { stopOn }: Pick<Ramp, "stopOn">,
  { failed, completed }: { readonly failed: number; readonly completed: number },
): boolean => {
  if (stopOn === undefined || failed < stopOn.failures) return false;
  return stopOn.percent === undefined || failed * 100 >= stopOn.percent * (failed + completed);
};
