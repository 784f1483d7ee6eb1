import { AwsError, type AwsService } from "../ports/services.ts";
import { onDisk } from "../storage/data-folder.ts";
import { groupSchema, nameSchema, type ScheduleInput, scheduleSchema, validate } from "./model.ts";
import { type Group, groupArn, type Schedule, scheduleArn } from "./store.ts";
import { dueTime, type SchedulerParts, ScheduleTimers } from "./timers.ts";

type Request = Readonly<Record<string, unknown>>;
const DEFAULT_GROUP = "default";

/** EventBridge Scheduler. A request is the protocol's body together with the fields from the path and the query. */
export class Scheduler implements AwsService {
  readonly #parts: SchedulerParts;
  readonly #timers: ScheduleTimers;

  constructor(parts: SchedulerParts) {
    const { store, clock } = parts;
    this.#parts = parts;
    this.#timers = new ScheduleTimers(parts);
    if (store.groups.get(DEFAULT_GROUP) === undefined) {
      store.groups.save(DEFAULT_GROUP, { name: DEFAULT_GROUP, clientToken: undefined, created: clock.now() });
    }
  }

  start(): void {
    this.#timers.start();
  }

  async call(operation: string, body: unknown): Promise<unknown> {
    const request = body as Request;
    switch (operation) {
      case "CreateSchedule":
        return this.#create(request);
      case "UpdateSchedule":
        return this.#update(request);
      case "GetSchedule":
        return shown(this.#existing(request));
      case "DeleteSchedule":
        return this.#delete(request);
      case "ListSchedules":
        return this.#list(request);
      case "CreateScheduleGroup":
        return this.#createGroup(request);
      case "GetScheduleGroup":
        return shownGroup(this.#existingGroup(validate(nameSchema, request["Name"])));
      case "DeleteScheduleGroup":
        return this.#deleteGroup(request);
      case "ListScheduleGroups":
        return this.#listGroups(request);
      default:
        throw new AwsError("UnknownOperationException", `The local stack does not support ${operation}`, 404);
    }
  }

  #create(request: Request): unknown {
    const name = validate(nameSchema, request["Name"]);
    const input = validate(scheduleSchema, request);
    this.#existingGroup(input.GroupName);
    const other = this.#parts.store.schedule(input.GroupName, name);
    if (other !== undefined) {
      const again = input.ClientToken !== undefined && other.input.ClientToken === input.ClientToken;
      if (!again) throw new AwsError("ConflictException", `Schedule ${name} already exists.`, 409);
    } else this.#save(name, input, this.#parts.clock.now());
    return { ScheduleArn: scheduleArn(input.GroupName, name) };
  }

  #update(request: Request): unknown {
    const input = validate(scheduleSchema, request);
    const existing = this.#existing(request);
    this.#save(existing.name, input, existing.created);
    return { ScheduleArn: scheduleArn(existing.group, existing.name) };
  }

  #save(name: string, input: ScheduleInput, created: number): void {
    const schedule = { group: input.GroupName, name, input, created, modified: this.#parts.clock.now() };
    const whole: Schedule = { ...schedule, due: dueTime(schedule) };
    onDisk(this.#parts.database, () => this.#parts.store.save(whole));
    this.#timers.set(whole);
  }

  #delete(request: Request): unknown {
    const { group, name } = this.#existing(request);
    onDisk(this.#parts.database, () => this.#parts.store.remove(group, name));
    this.#timers.cancel(group, name);
    return {};
  }

  #existing(request: Request): Schedule {
    const name = validate(nameSchema, request["Name"]);
    const group = validate(nameSchema, request["GroupName"] ?? DEFAULT_GROUP);
    const schedule = this.#parts.store.schedule(group, name);
    if (schedule === undefined)
      throw new AwsError("ResourceNotFoundException", `Schedule ${name} does not exist.`, 404);
    return schedule;
  }

  #list(request: Request): unknown {
    const { GroupName, NamePrefix, State } = request;
    const matching = this.#parts.store
      .schedules()
      .filter(({ group }) => GroupName === undefined || group === GroupName)
      .filter(({ name }) => name.startsWith(String(NamePrefix ?? "")))
      .filter(({ input }) => State === undefined || input.State === State);
    const { items, NextToken } = page(matching, ({ group, name }) => `${group}/${name}`, request);
    const Schedules = items.map((schedule) => {
      const { Arn, CreationDate, GroupName, LastModificationDate, Name, State, Target } = shown(schedule);
      return { Arn, CreationDate, GroupName, LastModificationDate, Name, State, Target: { Arn: Target.Arn } };
    });
    return { Schedules, NextToken };
  }

  #createGroup(request: Request): unknown {
    const name = validate(nameSchema, request["Name"]);
    const { ClientToken } = validate(groupSchema, request);
    const other = this.#parts.store.groups.get(name);
    if (other === undefined)
      this.#parts.store.groups.save(name, {
        name,
        clientToken: ClientToken,
        created: this.#parts.clock.now(),
      });
    else if (ClientToken === undefined || other.clientToken !== ClientToken) {
      throw new AwsError("ConflictException", `Schedule group ${name} already exists.`, 409);
    }
    return { ScheduleGroupArn: groupArn(name) };
  }

  #deleteGroup(request: Request): unknown {
    const { name } = this.#existingGroup(validate(nameSchema, request["Name"]));
    if (name === DEFAULT_GROUP)
      throw new AwsError("ValidationException", "The default group cannot be deleted");
    for (const schedule of this.#parts.store.schedules()) {
      if (schedule.group === name) this.#timers.cancel(name, schedule.name);
    }
    onDisk(this.#parts.database, () => this.#parts.store.removeGroup(name));
    return {};
  }

  #existingGroup(name: string): Group {
    const group = this.#parts.store.groups.get(name);
    if (group === undefined)
      throw new AwsError("ResourceNotFoundException", `Schedule group ${name} does not exist.`, 404);
    return group;
  }

  #listGroups(request: Request): unknown {
    const matching = this.#parts.store.groups
      .all()
      .filter(({ name }) => name.startsWith(String(request["NamePrefix"] ?? "")));
    const { items, NextToken } = page(matching, ({ name }) => name, request);
    return { ScheduleGroups: items.map(shownGroup), NextToken };
  }
}

function shown({ group, name, input, created, modified }: Schedule) {
  const { ClientToken: _, ...visible } = input;
  return {
    ...visible,
    Arn: scheduleArn(group, name),
    GroupName: group,
    Name: name,
    CreationDate: created / 1_000,
    LastModificationDate: modified / 1_000,
  };
}

const shownGroup = ({ name, created }: Group) => ({
  Arn: groupArn(name),
  Name: name,
  State: "ACTIVE",
  CreationDate: created / 1_000,
  LastModificationDate: created / 1_000,
});

const MAX_PAGE = 100;

/** One page of items in order of their keys; the token is the last key of the previous page. */
function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: Readonly<Record<string, unknown>>,
): { items: readonly T[]; NextToken?: string } {
  const size = Number(request["MaxResults"] ?? MAX_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw new AwsError("ValidationException", `MaxResults must be 1 to ${MAX_PAGE}`);
  }
  const token = request["NextToken"];
  const after = token === undefined ? undefined : Buffer.from(String(token), "base64url").toString();
  const from = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > after);
  const rest = from < 0 ? [] : items.slice(from);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  if (rest.length <= size || last === undefined) return { items: shown };
  return { items: shown, NextToken: Buffer.from(keyOf(last)).toString("base64url") };
}
