import { vi } from "vitest";
import { BookKeeper } from "../../harness/ledger/ledger.ts";
import { ProofStack } from "../harness/proof-stack.ts";
import { type BugName, switchable } from "./bugs.ts";
import type { Outcome, Scenario, Theatre } from "./schedule.ts";
import { playSchedule } from "./schedule.ts";
import { Stage } from "./stage.ts";

/** A stack keeps every execution that it has seen. */
const MAX_SCHEDULES = 500;

/** Who plays so many is told how far it is. */
const TOLD_AFTER = 200;

/** A stack for schedules, another one after many of them or where one could not be played to its end. Time passes only as it says. */
export class Playhouse {
  bug: BugName | undefined;
  #theatre: Theatre | undefined;
  #played = 0;
  #all = 0;

  async play(scenario: Scenario): Promise<Outcome> {
    if (this.#played >= MAX_SCHEDULES) await this.close();
    this.#theatre ??= await this.#open();
    this.#played += 1;
    this.#all += 1;
    if (this.#all % TOLD_AFTER === 0) process.stderr.write(`${this.#all} schedules\n`);
    try {
      return await playSchedule(this.#theatre, scenario);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const theatre = this.#theatre;
    this.#theatre = undefined;
    this.#played = 0;
    theatre?.stage.end();
    theatre?.stage.close();
    theatre?.keeper.close();
    await theatre?.proof.close();
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }

  async #open(): Promise<Theatre> {
    vi.useFakeTimers({ toFake: ["Date"] });
    // The jitter of a retry is the same each time that a schedule is played.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    // Failures are ordered here: what the handlers log about them is no news.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "CRITICAL");
    const proof = await ProofStack.start(
      [],
      switchable(() => this.bug),
    );
    const passes = (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds);
    return { proof, stage: new Stage(proof, () => passes(1)), keeper: new BookKeeper(proof.url), passes };
  }
}
