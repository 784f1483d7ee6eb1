import { type Command, InvalidArgumentError } from "commander";
import { usage } from "../failure.ts";
import { positive } from "./paging.ts";

/** The careful part of a resume: a canary, a ramp, or both. */
export interface RampOptions {
  readonly canary?: number;
  readonly canaryWithin?: string;
  readonly ramp?: number;
  readonly rampFactor?: number;
  readonly rampEvery?: string;
  readonly stopOn?: { readonly failures: number; readonly percent?: number };
}

/** Reads `5` or `5/10%`. */
const stop = (text: string): NonNullable<RampOptions["stopOn"]> => {
  const [, failures, percent] = /^(\d+)(?:\/(\d+(?:\.\d+)?)%)?$/.exec(text) ?? [];
  if (failures === undefined)
    throw new InvalidArgumentError(
      "Expected a number of failures, such as 5, or also a share, such as 5/10%.",
    );
  return { failures: Number(failures), ...(percent === undefined ? {} : { percent: Number(percent) }) };
};

const decimal = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("Expected a number, such as 1.5.");
  return Number(text);
};

export const withRamp = (command: Command): Command =>
  withRampOnly(
    command
      .option(
        "--canary <n>",
        "so many runs go first; the rest follows when they have completed or wait",
        positive,
      )
      .option("--canary-within <duration>", "the time that they have; PT1H by default"),
  );

export const withRampOnly = (command: Command): Command =>
  command
    .option("--ramp <n>", "wakes and starts per second at first; they grow to the drain rate", positive)
    .option("--ramp-factor <x>", "what the rate is multiplied by at each interval; 2 by default", decimal)
    .option("--ramp-every <duration>", "the interval; PT1M by default")
    .option(
      "--stop-on <failures>",
      "hold the flow again after so many failures during the ramp, such as 5 or 5/10%",
      stop,
    );

/** Returns the canary that the options describe. Throws a usage error for its time without `--canary`. */
export const canaryOf = ({ canary, canaryWithin }: RampOptions) => {
  if (canary === undefined && canaryWithin !== undefined)
    throw usage("--canary-within is the time of a canary: add --canary <n>.");
  return { canary, canaryWithin };
};

/** Returns the ramp that the options describe. Throws a usage error for its details without `--ramp`. */
export const rampOf = ({ ramp, rampFactor, rampEvery, stopOn }: RampOptions) => {
  if (ramp !== undefined) return { from: ramp, factor: rampFactor, every: rampEvery, stopOn };
  if (rampFactor !== undefined || rampEvery !== undefined || stopOn !== undefined)
    throw usage("--ramp-factor, --ramp-every and --stop-on describe a ramp: add --ramp <n>.");
  return undefined;
};
