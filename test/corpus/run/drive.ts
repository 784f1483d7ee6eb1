import type { CorpusStack } from "./corpus-stack.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** Increasing moves of the clock, so that a loop with a short wait does not continue for days. */
const MOVES = [1, 10, 60, 60, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800].map(
  (seconds) => seconds * SECOND,
);
/** The number of moves before which nothing counts as endless. */
const MIN_MOVES = 8;
const MAX_DAYS = 40;

/** The result of driving a run. */
export interface Driven {
  readonly isOver: boolean;
  /** The number of times that the clock was moved. */
  readonly moves: number;
}

/**
 * Moves the clock until the work is done, or at most `moves` times. Without that number, it gives up on work that continues for weeks, or
 * that `isEndless`.
 */
export async function drive(
  stack: CorpusStack,
  isOver: () => Promise<boolean>,
  until: { readonly moves: number } | { readonly isEndless: () => Promise<boolean> },
): Promise<Driven> {
  const end = stack.clock.now() + MAX_DAYS * DAY;
  for (let moves = 0; ; moves++) {
    await stack.activity.quiet();
    if (await isOver()) return { isOver: true, moves };
    const isEnough =
      "moves" in until
        ? moves >= until.moves
        : stack.clock.now() >= end || (moves >= MIN_MOVES && (await until.isEndless()));
    if (isEnough) return { isOver: false, moves };
    await stack.clock.advance(MOVES[moves] ?? DAY);
  }
}
