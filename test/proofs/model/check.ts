import fc from "fast-check";
import { ProofStack } from "../harness/proof-stack.ts";
import { Breaker } from "./breaker.ts";
import { type Sequence, sequences, shown } from "./command.ts";
import { play } from "./play.ts";
import { FUNCTIONS } from "./shapes.ts";

/** So many sequences share a stack, so that its table stays small. */
const PER_STACK = 40;
/** Shorter sequences that still fail are looked for so long. */
const SHRINKING_MS = 45_000;

export interface Failure {
  /** Plays this one again: `npm run model -- --seed <seed> --sequences 1`. */
  readonly seed: number;
  readonly report: string;
}
export interface Progress {
  readonly done: number;
  readonly failures: number;
  readonly commands: number;
  /** Of the sequence that was played last, where it failed. */
  readonly report: string | undefined;
}

/** Plays `count` sequences, each of a seed of its own from `seed` on. Resolves with those that failed, shrunk. */
export const checkModel = async (
  seed: number,
  count: number,
  {
    tell = () => undefined,
    shrinking = SHRINKING_MS,
  }: { tell?: (progress: Progress) => void; shrinking?: number } = {},
): Promise<Failure[]> => {
  const failures: Failure[] = [];
  let stage: { stack: ProofStack; breaker: Breaker; played: number } | undefined;
  let commands = 0;
  const once = async (sequence: Sequence): Promise<void> => {
    if (stage !== undefined && stage.played >= PER_STACK) {
      await stage.stack.close();
      stage = undefined;
    }
    if (stage === undefined) {
      stage = { stack: await ProofStack.start(FUNCTIONS), breaker: new Breaker(), played: 0 };
      stage.stack.watch = stage.breaker;
    }
    stage.played += 1;
    commands += sequence.commands.length;
    try {
      await play(stage.stack, stage.breaker, `model-${stage.played}`, sequence);
    } catch (error) {
      stage.played = PER_STACK; // what it left would be in the next one's way
      throw error;
    }
  };
  try {
    for (let done = 0; done < count; done += 1) {
      const own = seed + done;
      const report = await failureOf(own, once, shrinking);
      if (report !== undefined) failures.push({ seed: own, report });
      tell({ done: done + 1, failures: failures.length, commands, report });
    }
  } finally {
    await stage?.stack.close();
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
    `Seed ${seed}: npm run model -- --seed ${seed} --sequences 1`,
    `flows: ${sequence.shapes.join(", ")}; standing still: ${sequence.blocked.join(", ") || "none"}`,
    ...sequence.commands.map((command) => `  ${shown(command)}`),
    `What is wrong, then what was done:`,
    (error as Error).message,
  ].join("\n");
};
