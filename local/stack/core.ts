import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { Faults } from "../aws/faults.ts";
import { ActivityCounter } from "../clock/activity.ts";
import { offsetStore, StackClock } from "../clock/clock.ts";
import { Roles } from "../iam/roles.ts";
import type { OwnStack } from "../lambda/caller.ts";
import { InvocationLogs } from "../lambda/invocation-logs.ts";
import { Measurements } from "../metering/measurements.ts";
import { Usage } from "../metering/usage.ts";
import { type DataFolder, openDatabase } from "../storage/data-folder.ts";

/** Closes everything that has been opened so far, in reverse order. */
export class Closers {
  readonly #closers: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) await close();
  }
}

/** The parts of the stack that all of its services use. */
export interface Core {
  readonly database: DatabaseSync;
  readonly activity: ActivityCounter;
  readonly clock: StackClock;
  readonly usage: Usage;
  readonly measurements: Measurements;
  /** The output of the user's functions. */
  readonly logs: InvocationLogs;
  readonly faults: Faults;
  readonly roles: Roles;
  /** The stack's identity: several stacks can run in one process. */
  readonly own: OwnStack;
}

export const log = (line: string): void => void process.stderr.write(`${line}\n`);

export function openCore(folder: DataFolder, patience: number | undefined, closers: Closers): Core {
  const database = openDatabase(folder.file("stack.sqlite"));
  closers.add(() => database.close());
  const activity = new ActivityCounter(patience);
  const clock = new StackClock(activity, offsetStore(database), log);
  closers.add(() => clock.close());
  const measurements = new Measurements();
  const logs = new InvocationLogs(database, clock);
  const own = { id: randomUUID(), clock, measurements, logs };
  return {
    database,
    activity,
    clock,
    usage: new Usage(),
    measurements,
    logs,
    faults: new Faults(),
    roles: new Roles(),
    own,
  };
}
