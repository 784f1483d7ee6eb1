import { residentMemory } from "../bench/bench-stack.ts";

/** Allowed between the first and the last part of the quiet time: so much, or this share. */
const SLACK_MIB = 48;
const SLACK_SHARE = 0.15;
const PARTS = 4;
/** Fewer looks than this say nothing. */
const LOOKS = 20;

/**
 * Memory of the stack's process tree, by its floor: the lowest of each quarter of the time without kills, since what lies above it
 * is garbage that has not been collected yet. The first quarter is a process finding its working size.
 */
export class Memory {
  readonly #looks: number[] = [];

  look(pid: number): void {
    this.#looks.push(residentMemory(pid));
  }

  /** MiB, one for each part; empty where the time was too short. */
  floors(): number[] {
    if (this.#looks.length < LOOKS) return [];
    const size = Math.ceil(this.#looks.length / PARTS);
    return Array.from({ length: PARTS }, (_, part) =>
      Math.min(...this.#looks.slice(part * size, (part + 1) * size)),
    );
  }

  /** What is wrong with it, if anything. */
  verdict(): string | undefined {
    const [, second, , last] = this.floors();
    if (second === undefined || last === undefined) return undefined;
    const allowed = second + Math.max(SLACK_MIB, second * SLACK_SHARE);
    return last <= allowed ? undefined : `memory rose from ${second.toFixed(0)} to ${last.toFixed(0)} MiB`;
  }
}
