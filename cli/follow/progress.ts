import { setTimeout as sleep } from "node:timers/promises";
import type { Terminal } from "../terminal/terminal.ts";

interface Progress {
  readonly done: number;
  readonly of: number;
  readonly note: string;
}
/** Yields progress until there is nothing left to follow, or until it is interrupted. */
type Follow = (interrupted: AbortSignal) => AsyncIterable<Progress>;

const BAR_WIDTH = 30;

const bar = ({ done, of, note }: Progress): string => {
  const share = of === 0 ? 1 : Math.min(1, done / of);
  const full = Math.floor(share * BAR_WIDTH);
  return `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${String(Math.floor(share * 100)).padStart(3)}%  ${done} of ${of}, ${note}`;
};

/**
 * Shows progress: a bar on a person's terminal, otherwise a line on stderr for every further tenth.
 * Ctrl-C only stops following.
 */
export const showProgress = async (terminal: Terminal, title: string, follow: Follow): Promise<void> => {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  // Not `once`: packages that restore the cursor end the process if no other listener is left.
  process.on("SIGINT", interrupt);
  try {
    const steps = follow(interruption.signal);
    await (terminal.isLive ? showBar(title, steps) : showLines(terminal, title, steps));
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
};

const showBar = async (title: string, steps: AsyncIterable<Progress>): Promise<void> => {
  const { Listr } = await import("listr2");
  const task = async (_context: unknown, shown: { output: string }) => {
    for await (const step of steps) shown.output = bar(step);
  };
  const rendererOptions = { collapseSubtasks: false, persistentOutput: true };
  await new Listr([{ title, task, rendererOptions: { persistentOutput: true } }], {
    registerSignalListeners: false,
    rendererOptions,
  }).run();
};

const showLines = async (
  terminal: Terminal,
  title: string,
  steps: AsyncIterable<Progress>,
): Promise<void> => {
  let shown = -1;
  for await (const { done, of, note } of steps) {
    const tenth = of === 0 ? 10 : Math.floor((done / of) * 10);
    if (tenth > shown) terminal.say(`${title}: ${done} of ${of} (${note})`);
    shown = Math.max(shown, tenth);
  }
};

const MIN_WAIT_MS = 200;
const MAX_WAIT_MS = 2_000;

/** The interval between polls: short after a change, longer while nothing changes. */
export class Pace {
  #wait = MIN_WAIT_MS;

  /** @returns false if the wait was interrupted */
  async next(changed: boolean, interrupted?: AbortSignal): Promise<boolean> {
    this.#wait = changed ? MIN_WAIT_MS : Math.min(MAX_WAIT_MS, this.#wait * 1.5);
    try {
      await sleep(this.#wait, undefined, interrupted === undefined ? {} : { signal: interrupted });
      return true;
    } catch {
      return false;
    }
  }
}
