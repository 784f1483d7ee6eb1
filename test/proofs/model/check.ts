import fc from "fast-check";
import { ProofEnvironment } from "../harness/environment.ts";
import { FUNCTIONS } from "../harness/flow-shapes.ts";
import { replayCommand } from "../harness/replay.ts";
import { describeCommand, type Sequence, sequences } from "./command.ts";
import { CommandFaults } from "./command-faults.ts";
import { play } from "./play.ts";

/** Number of sequences that share an environment, so that its table stays small. */
const PER_ENVIRONMENT = 40;
/** Time to look for shorter sequences that still fail. */
const SHRINKING_MS = 45_000;

export interface Failure {
  readonly seed: number;
  readonly report: string;
}
export interface Progress {
  readonly done: number;
  readonly failures: number;
  readonly commands: number;
  /** The report of the last sequence, if it failed. */
  readonly report: string | undefined;
}

/** A parked run moves into a fresh execution whenever the clock is moved, and no status may show it. */
const MAX_STAY_MS = 6 * 3_600_000;

/** Plays `count` sequences, with one seed each from `seed` on. Resolves with those that failed, shrunk. */
export const checkModel = async (
  seed: number,
  count: number,
  {
    onProgress = () => undefined,
    shrinking = SHRINKING_MS,
  }: { onProgress?: (progress: Progress) => void; shrinking?: number } = {},
): Promise<Failure[]> => {
  const failures: Failure[] = [];
  let current: { environment: ProofEnvironment; faults: CommandFaults; played: number } | undefined;
  let commands = 0;
  const once = async (sequence: Sequence): Promise<void> => {
    if (current !== undefined && current.played >= PER_ENVIRONMENT) {
      await current.environment.close();
      current = undefined;
    }
    if (current === undefined) {
      const environment = await ProofEnvironment.start(FUNCTIONS, (deps) => ({
        ...deps,
        maxStayMs: MAX_STAY_MS,
      }));
      current = { environment, faults: new CommandFaults(), played: 0 };
      environment.observer = current.faults.injector;
    }
    current.played += 1;
    commands += sequence.commands.length;
    try {
      await play(current.environment, current.faults, `model-${current.played}`, sequence);
    } catch (error) {
      current.played = PER_ENVIRONMENT; // its leftovers would disturb the next sequence
      throw error;
    }
  };
  try {
    for (let done = 0; done < count; done += 1) {
      const own = seed + done;
      const report = await failureOf(own, once, shrinking);
      if (report !== undefined) failures.push({ seed: own, report });
      onProgress({ done: done + 1, failures: failures.length, commands, report });
    }
  } finally {
    await current?.environment.close();
  }
  return failures;
};

const failureOf = async (
  seed: number,
  once: (sequence: Sequence) => Promise<void>,
  shrinking: number,
): Promise<string | undefined> => {
  let until = Number.POSITIVE_INFINITY;
  let last: { sequence: Sequence; error: unknown } | undefined;
  const property = fc.asyncProperty(sequences, async (sequence) => {
    if (Date.now() > until) return; // short enough
    try {
      await once(sequence);
    } catch (error) {
      if (last === undefined) until = Date.now() + shrinking;
      last = { sequence, error };
      throw error;
    }
  });
  const { failed } = await fc.check(property, { seed, numRuns: 1, unbiased: true });
  if (!failed || last === undefined) return undefined;
  const { sequence, error } = last;
  return [
    `Seed ${seed}: ${replayCommand("model", { seed, sequences: 1 })}`,
    `flows: ${sequence.kinds.join(", ")} as ${sequence.shapes.join(", ")}; holding failures: ${sequence.holding.join(", ") || "none"}; limited: ${sequence.limited.join(", ") || "none"}; failing: ${sequence.failing.join(", ") || "none"}; blocked: ${sequence.blocked.join(", ") || "none"}`,
    ...sequence.commands.map((command) => `  ${describeCommand(command)}`),
    "Differences, then the commands:",
    (error as Error).message,
  ].join("\n");
};
