import { setTimeout as delay } from "node:timers/promises";
import { type Client, clientFor } from "../../harness/clients/client.ts";
import { FUNCTIONS } from "../harness/flow-shapes.ts";
import { LedgerReader } from "../harness/ledger/ledger.ts";
import { ClientJournal } from "./client-journal.ts";
import { deletedInBulk, endEverything } from "./end-everything.ts";
import { breather, Caller, MOVES } from "./load.ts";
import { Memory } from "./memory.ts";
import { PersistentClient } from "./persistent-client.ts";
import { Random } from "./random.ts";
import { RestartableStack } from "./restartable-stack.ts";
import { auditSoak, type SoakAudit } from "./soak-audit.ts";

interface SoakOptions {
  /** Seconds of load. */
  readonly seconds: number;
  /** The load continues until the clients have had this many answers. */
  readonly answers: number;
  /** Seconds between two kills; 0 for none. */
  readonly killEvery: number;
  /** Seconds without a kill at the end of the load, in which memory is measured. */
  readonly quiet: number;
  /** Share of the AWS calls that fail, before or after they take effect. */
  readonly faults: number;
  readonly clients: number;
  readonly seed: number;
  onProgress(line: string): void;
}

export interface SoakReport extends SoakAudit {
  readonly kills: number;
  readonly moves: number;
  readonly counts: ReadonlyMap<string, number>;
  /** Calls that had to be retried. */
  readonly unanswered: number;
  /** MiB, the minimum of each quarter of the quiet time. */
  readonly memory: { readonly live: readonly number[]; readonly resident: readonly number[] };
}

const USERS = ["admin", "operator"];
const PROGRESS_EVERY_MS = 5_000;
const MOVE_EVERY_MS = 7_000;
const LOOK_EVERY_MS = 3_000;
/** Beyond this the clock moves by single hours, since the results of bulk operations are read at the end and kept for 30 days. */
const FAR_HOURS = 20 * 24;

/** Keeps a stack under load, faults and kills; then lets everything end and audits it. */
export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const stack = new RestartableStack(FUNCTIONS);
  try {
    return await new Soak(stack, options).run();
  } finally {
    await stack.close();
  }
};

class Soak {
  readonly #stack: RestartableStack;
  readonly #options: SoakOptions;
  readonly #journal = new ClientJournal();
  readonly #memory = new Memory();
  readonly #began = Date.now();
  readonly #clients: PersistentClient[] = [];
  #moves = 0;
  #movedHours = 0;
  /** Set while the clock moves. */
  #still: Promise<void> | undefined;
  #over = false;

  constructor(stack: RestartableStack, options: SoakOptions) {
    this.#stack = stack;
    this.#options = options;
  }

  async run(): Promise<SoakReport> {
    const { seed, faults, clients, onProgress } = this.#options;
    await this.#stack.start();
    const callers = Array.from({ length: clients }, (_, index) => this.#caller(index));
    await callers[0]?.publishAll();
    await this.#stack.injectFaults(faults, seed);
    const work = [
      ...callers.map((caller, index) => this.#load(caller, new Random(seed + 100 + index))),
      ...[this.#kill(), this.#moveTime(new Random(seed + 1)), this.#watchMemory(), this.#reportProgress()],
    ];
    const all = Promise.all(work);
    await Promise.race([this.#enough(), all]);
    this.#over = true;
    await all;

    onProgress("the load has ended: faults are off, everything is released");
    await this.#stack.removeFaults();
    const admin = await clientFor(this.#stack.url, "admin");
    for (const fn of FUNCTIONS) this.#stack.functions.mend(fn);
    const ledger = new LedgerReader(this.#stack.url);
    await endEverything(admin, ledger);
    for (const runId of await deletedInBulk(admin, this.#journal.bulkDeletions))
      this.#journal.deleted.add(runId);
    await settled(admin);
    const audit = await auditSoak(this.#stack, admin, ledger, this.#journal);
    ledger.close();
    const verdict = this.#memory.verdict();
    return {
      ...audit,
      violations: [
        ...this.#journal.violations,
        ...audit.violations,
        ...(verdict === undefined ? [] : [verdict]),
      ],
      kills: this.#stack.outages.length,
      moves: this.#moves,
      counts: this.#journal.counts,
      unanswered: this.#clients.reduce((sum, { unanswered }) => sum + unanswered, 0),
      memory: { live: this.#memory.quarters("live"), resident: this.#memory.quarters("resident") },
    };
  }

  async #enough(): Promise<void> {
    const { seconds, answers } = this.#options;
    await delay(seconds * 1_000);
    while (this.#journal.answers() < answers) await delay(100);
  }

  /** The first client is an administrator and publishes the flows. */
  #caller(index: number): Caller {
    const user = USERS[index % USERS.length] ?? "admin";
    const client = new PersistentClient(this.#stack, user);
    this.#clients.push(client);
    const now = async () => this.#now();
    return new Caller(client, new Random(this.#options.seed + index), this.#journal, now, user === "admin");
  }

  async #load(caller: Caller, random: Random): Promise<void> {
    while (!this.#over) {
      await this.#still;
      await caller.act();
      await breather(random);
    }
  }

  async #kill(): Promise<void> {
    const { killEvery, seconds, quiet } = this.#options;
    if (killEvery === 0) return;
    for (let next = killEvery; next < seconds - quiet; next += killEvery) {
      await this.#sleepUntil(next);
      await this.#stack.kill();
    }
  }

  async #moveTime(random: Random): Promise<void> {
    while (!this.#over) {
      await this.#nap(MOVE_EVERY_MS);
      if (this.#over) return;
      const failing = random.of(FUNCTIONS) ?? "a";
      if (random.next() < 0.5) this.#stack.functions.fail(failing, "Oh");
      for (const fn of FUNCTIONS) if (random.next() < 0.5) this.#stack.functions.mend(fn);
      let done = (): void => undefined;
      this.#still = new Promise((resolve) => {
        done = resolve;
      });
      try {
        const hours = this.#movedHours < FAR_HOURS ? (random.of(MOVES) ?? 1) : 1;
        this.#movedHours += hours;
        const body = JSON.stringify({ advanceBy: `PT${hours}H` });
        const answer = await fetch(`${this.#stack.url}/local/clock`, { method: "POST", body });
        await answer.arrayBuffer();
        this.#moves += 1;
      } catch {
        // The stack was killed in the meantime, so the clock may have moved only part of the way.
      } finally {
        this.#still = undefined;
        done();
      }
    }
  }

  async #now(): Promise<number> {
    for (;;) {
      try {
        const answer = await fetch(`${this.#stack.url}/local/clock`);
        if (answer.ok) return Date.parse(((await answer.json()) as { now: string }).now);
      } catch {
        // The stack is down. Retry.
      }
      await delay(200);
    }
  }

  async #watchMemory(): Promise<void> {
    const { seconds, quiet } = this.#options;
    await this.#sleepUntil(seconds - quiet);
    while (!this.#over) {
      const { process } = this.#stack;
      if (process !== undefined) await this.#memory.sample(process);
      await this.#nap(LOOK_EVERY_MS);
    }
  }

  async #reportProgress(): Promise<void> {
    while (!this.#over) {
      await this.#nap(PROGRESS_EVERY_MS);
      const { accepted, violations } = this.#journal;
      const seconds = Math.round((Date.now() - this.#began) / 1_000);
      this.#options.onProgress(
        `${seconds} s: ${this.#journal.answers()} answers, ${accepted.size} records, ${this.#stack.outages.length} kills, ${this.#moves} moves of the clock, ${violations.length} violations`,
      );
    }
  }

  async #sleepUntil(second: number): Promise<void> {
    const start = this.#began;
    while (!this.#over && Date.now() - start < second * 1_000) await this.#nap(100);
  }
  async #nap(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    while (!this.#over && Date.now() < until) await delay(Math.min(100, milliseconds));
  }
}

/** Waits for the repair of what faults left behind. A schedule that could not be deleted expires by itself. */
const settled = async (admin: Client): Promise<void> => {
  for (let minutes = 0; minutes < 10; minutes += 1) await admin.advance("PT1M");
  await admin.advance("PT2H");
  await admin.advance("P15D");
  await admin.advance("PT5M");
};
