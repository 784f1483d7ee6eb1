import type { CorpusStack } from "./corpus-stack.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** Longer and longer, so that a loop with a short wait is not carried on for days. */
const MOVES = [1, 10, 60, 60, 300, 600, 1_800, 3_600].map((seconds) => seconds * SECOND);
/** After this much time, by the stack's clock, a run that goes on counts as endless. */
const MAX_DAYS = 40;

/** Moves the clock until the work is over. Returns false if it never ends. */
export async function untilOver(stack: CorpusStack, isOver: () => Promise<boolean>): Promise<boolean> {
  const end = stack.clock.now() + MAX_DAYS * DAY;
  for (let move = 0; ; move++) {
    await stack.activity.quiet();
    if (await isOver()) return true;
    if (stack.clock.now() >= end) return false;
    await stack.clock.advance(MOVES[move] ?? DAY);
  }
}
