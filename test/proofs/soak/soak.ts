import { setTimeout as delay } from "node:timers/promises";
import { type Client, clientFor } from "../../support/client.ts";
import { FUNCTIONS } from "../model/shapes.ts";
import { type Audit, audit } from "./audit.ts";
import { Book } from "./book.ts";
import { deletedInBulk, letEverythingEnd } from "./drain.ts";
import { breather, Caller, MOVES } from "./load.ts";
import { Memory } from "./memory.ts";
import type { SoakOptions } from "./options.ts";
import { Random } from "./random.ts";
import { Patient, Service } from "./service.ts";

export interface SoakReport extends Audit {
  readonly kills: number;
  readonly moves: number;
  readonly counts: ReadonlyMap<string, number>;
  /** Calls that had to be made again. */
  readonly unanswered: number;
  /** MiB, the least of each quarter of the quiet time. */
  readonly memory: { readonly live: readonly number[]; readonly resident: readonly number[] };
}

const USERS = ["admin", "operator"];
const TOLD_EVERY_MS = 5_000;
const MOVE_EVERY_MS = 7_000;
const LOOK_EVERY_MS = 3_000;
/** The results of all bulk operations are read at the end, and kept for 30 days: in longer soaks time moves by hours from here on. */
const FAR_HOURS = 20 * 24;

/** Keeps a stack under load, faults and kills for so long; then lets everything end, and audits the books. */
export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const service = new Service(FUNCTIONS);
  try {
    return await new Soak(service, options).run();
  } finally {
    await service.close();
  }
};

class Soak {
  readonly #service: Service;
  readonly #options: SoakOptions;
  readonly #book = new Book();
  readonly #memory = new Memory();
  readonly #began = Date.now();
  readonly #clients: Patient[] = [];
  #moves = 0;
  #movedHours = 0;
  /** Set while the clock moves. */
  #still: Promise<void> | undefined;
  #over = false;

  constructor(service: Service, options: SoakOptions) {
    this.#service = service;
    this.#options = options;
  }

  async run(): Promise<SoakReport> {
    const { seed, faults, clients, tell } = this.#options;
    await this.#service.start();
    const callers = Array.from({ length: clients }, (_, index) => this.#caller(index));
    await callers[0]?.publishAll();
    await this.#service.breakCalls(faults, seed);
    const work = [
      ...callers.map((caller, index) => this.#load(caller, new Random(seed + 100 + index))),
      ...[this.#kill(), this.#moveTime(new Random(seed + 1)), this.#watchMemory(), this.#tell()],
    ];
    const all = Promise.all(work);
    await Promise.race([this.#enough(), all]);
    this.#over = true;
    await all;

    tell("the load is over: faults off, everything is resumed, answered and drained");
    await this.#service.mendCalls();
    const admin = await clientFor(this.#service.url, "admin");
    for (const fn of FUNCTIONS) this.#service.functions.mend(fn);
    await letEverythingEnd(admin);
    for (const runId of await deletedInBulk(admin, this.#book.bulkDeletions)) this.#book.deleted.add(runId);
    await settled(admin);
    const books = await audit(this.#service, admin, this.#book);
    const verdict = this.#memory.verdict();
    return {
      ...books,
      violations: [
        ...this.#book.violations,
        ...books.violations,
        ...(verdict === undefined ? [] : [verdict]),
      ],
      kills: this.#service.outages.length,
      moves: this.#moves,
      counts: this.#book.counts,
      unanswered: this.#clients.reduce((sum, { unanswered }) => sum + unanswered, 0),
      memory: { live: this.#memory.quarters("live"), resident: this.#memory.quarters("resident") },
    };
  }

  async #enough(): Promise<void> {
    const { seconds, answers } = this.#options;
    await delay(seconds * 1_000);
    while (this.#book.answers() < answers) await delay(100);
  }

  /** The first is an administrator, who publishes. */
  #caller(index: number): Caller {
    const user = USERS[index % USERS.length] ?? "admin";
    const client = new Patient(this.#service, user);
    this.#clients.push(client);
    const now = async () => this.#now();
    return new Caller(client, new Random(this.#options.seed + index), this.#book, now, user === "admin");
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
      await this.#service.kill();
    }
  }

  async #moveTime(random: Random): Promise<void> {
    while (!this.#over) {
      await this.#nap(MOVE_EVERY_MS);
      if (this.#over) return;
      const failing = random.of(FUNCTIONS) ?? "a";
      if (random.next() < 0.5) this.#service.functions.fail(failing, "Oh");
      for (const fn of FUNCTIONS) if (random.next() < 0.5) this.#service.functions.mend(fn);
      let done = (): void => undefined;
      this.#still = new Promise((resolve) => {
        done = resolve;
      });
      try {
        const hours = this.#movedHours < FAR_HOURS ? (random.of(MOVES) ?? 1) : 1;
        this.#movedHours += hours;
        const body = JSON.stringify({ advanceBy: `PT${hours}H` });
        const answer = await fetch(`${this.#service.url}/local/clock`, { method: "POST", body });
        await answer.arrayBuffer();
        this.#moves += 1;
      } catch {
        // Killed in the middle of it: the clock is somewhere on the way.
      } finally {
        this.#still = undefined;
        done();
      }
    }
  }

  async #now(): Promise<number> {
    for (;;) {
      try {
        const answer = await fetch(`${this.#service.url}/local/clock`);
        if (answer.ok) return Date.parse(((await answer.json()) as { now: string }).now);
      } catch {
        // It is down: a moment, and again.
      }
      await delay(200);
    }
  }

  async #watchMemory(): Promise<void> {
    const { seconds, quiet } = this.#options;
    await this.#sleepUntil(seconds - quiet);
    while (!this.#over) {
      const { stack } = this.#service;
      if (stack !== undefined) await this.#memory.look(stack);
      await this.#nap(LOOK_EVERY_MS);
    }
  }

  async #tell(): Promise<void> {
    while (!this.#over) {
      await this.#nap(TOLD_EVERY_MS);
      const { accepted, violations } = this.#book;
      const seconds = Math.round((Date.now() - this.#began) / 1_000);
      this.#options.tell(
        `${seconds} s: ${this.#book.answers()} answers, ${accepted.size} records, ${this.#service.outages.length} kills, ${this.#moves} moves of the clock, ${violations.length} violations`,
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

/** What faults left behind is made good within minutes; a schedule that nobody could delete ends at its own time. */
const settled = async (admin: Client): Promise<void> => {
  for (let minutes = 0; minutes < 10; minutes += 1) await admin.advance("PT1M");
  await admin.advance("PT2H");
  await admin.advance("P15D");
  await admin.advance("PT5M");
};
