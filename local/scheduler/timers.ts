import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { nextTime, parseExpression } from "../../shared/model/time/schedule-expression.ts";
import type { Clock, TimerHandle } from "../ports/clock.ts";
import { inTransaction } from "../storage/data-folder.ts";
import type { Deliveries } from "./deliveries.ts";
import { type Delivery, type Schedule, type SchedulerStore, scheduleArn } from "./store.ts";

/** The service's own defaults (EventBridge Scheduler API, RetryPolicy). */
const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;

export interface SchedulerParts {
  readonly database: DatabaseSync;
  readonly store: SchedulerStore;
  readonly clock: Clock;
  readonly deliveries: Deliveries;
}

/** Fires schedules when they come due. */
export class ScheduleTimers {
  readonly #parts: SchedulerParts;
  readonly #timers = new Map<string, TimerHandle>();

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  start(): void {
    for (const schedule of this.#parts.store.schedules()) this.set(schedule);
  }

  set(schedule: Schedule): void {
    this.cancel(schedule.group, schedule.name);
    const { due, input } = schedule;
    if (due === undefined || input.State === "DISABLED") return;
    const atEndOfMove = parseExpression(input.ScheduleExpression)?.kind === "rate";
    const timer = this.#parts.clock.schedule(due, () => this.#fire(schedule), { atEndOfMove });
    this.#timers.set(scheduleArn(schedule.group, schedule.name), timer);
  }

  cancel(group: string, name: string): void {
    const arn = scheduleArn(group, name);
    this.#timers.get(arn)?.cancel();
    this.#timers.delete(arn);
  }

  /** The delivery is stored in the same transaction that updates or removes the schedule. */
  #fire(fired: Schedule): void {
    const schedule = this.#parts.store.schedule(fired.group, fired.name);
    if (schedule === undefined || schedule.due !== fired.due || schedule.modified !== fired.modified) return;
    const delivery = eventOf(schedule, this.#parts.clock.now());
    const next = following(schedule, this.#parts.clock.now());
    inTransaction(this.#parts.database, () => {
      this.#parts.store.deliveries.save(delivery.id, delivery);
      if (next === undefined) this.#parts.store.remove(schedule.group, schedule.name);
      else this.#parts.store.save(next);
    });
    if (next !== undefined) this.set(next);
    this.#parts.deliveries.deliver(delivery);
  }
}

/** Returns the schedule after it has fired; undefined if it is complete and must be deleted. */
function following(schedule: Schedule, now: number): Schedule | undefined {
  const due = dueTime(schedule, now);
  if (due === undefined && schedule.input.ActionAfterCompletion === "DELETE") return undefined;
  return { ...schedule, due };
}

/** The time at which a schedule fires next after `after`, or for the first time. */
export function dueTime(schedule: Omit<Schedule, "due">, after?: number): number | undefined {
  const { ScheduleExpression, ScheduleExpressionTimezone, StartDate, EndDate } = schedule.input;
  const expression = parseExpression(ScheduleExpression, ScheduleExpressionTimezone);
  if (expression === undefined) return undefined;
  const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000);
  return nextTime(
    expression,
    { since: schedule.modified, start: milliseconds(StartDate), end: milliseconds(EndDate) },
    after,
  );
}

function eventOf(schedule: Schedule, now: number): Delivery {
  const { Target } = schedule.input;
  const id = randomUUID();
  const arn = scheduleArn(schedule.group, schedule.name);
  const time = `${new Date(schedule.due ?? now).toISOString().slice(0, 19)}Z`;
  const input = (
    Target.Input ??
    JSON.stringify({
      version: "0",
      id,
      "detail-type": "Scheduled Event",
      source: "aws.scheduler",
      time,
      resources: [arn],
      detail: "{}",
    })
  )
    .replaceAll("<aws.scheduler.schedule-arn>", arn)
    .replaceAll("<aws.scheduler.scheduled-time>", time)
    .replaceAll("<aws.scheduler.execution-id>", id);
  return {
    id,
    scheduleArn: arn,
    target: Target.Arn,
    input,
    attempts: 0,
    mostRetries: Target.RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRIES,
    firstTry: now,
    expires: now + (Target.RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS) * 1_000,
    due: now,
  };
}
