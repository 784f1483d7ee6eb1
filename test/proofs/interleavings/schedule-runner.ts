import { vi } from "vitest";
import { ProofEnvironment } from "../harness/environment.ts";
import { CallScheduler } from "./call-scheduler.ts";
import { type BugName, withBug } from "./planted-bugs.ts";
import { type Outcome, playSchedule, type Scenario, type ScheduleEnvironment } from "./schedule.ts";

/** Schedules per environment: a stack keeps all its executions. */
const MAX_SCHEDULES = 500;
const PROGRESS_EVERY = 200;

/** Plays schedules in an environment, which it replaces after many schedules or after an error. Only schedules advance the time. */
export class ScheduleRunner {
  bug: BugName | undefined;
  #current: ScheduleEnvironment | undefined;
  #played = 0;
  #total = 0;

  async play(scenario: Scenario): Promise<Outcome> {
    if (this.#played >= MAX_SCHEDULES) await this.close();
    this.#current ??= await this.#open();
    this.#played += 1;
    this.#total += 1;
    if (this.#total % PROGRESS_EVERY === 0) process.stderr.write(`${this.#total} schedules\n`);
    try {
      return await playSchedule(this.#current, scenario);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    this.#played = 0;
    current?.calls.end();
    current?.calls.close();
    await current?.environment.close();
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }

  async #open(): Promise<ScheduleEnvironment> {
    vi.useFakeTimers({ toFake: ["Date"] });
    // Replays need the same jitter.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    // The failures are injected, so what the handlers log about them is noise.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "CRITICAL");
    const environment = await ProofEnvironment.start(
      [],
      withBug(() => this.bug),
    );
    const skip = (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds);
    return { environment, calls: new CallScheduler(environment, () => skip(1)), skip };
  }
}
