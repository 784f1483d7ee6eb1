import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { CreateStateMachineCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { StackUnderTest } from "../stack/test-stack.ts";

const local = new StackUnderTest();
let scheduler: SchedulerClient;
beforeAll(async () => {
  local.write(
    "note.ts",
    `import { appendFileSync } from "node:fs";
     const file = ${JSON.stringify(join(local.folder, "calls"))};
     export const handler = (event: unknown) => appendFileSync(file, JSON.stringify(event) + "\\n");`,
  );
  await local.start();
  scheduler = new SchedulerClient(local.sdk("scheduler"));
});
afterAll(async () => {
  scheduler.destroy();
  await local.remove();
});
beforeEach(() => local.write("calls", ""));

const MINUTE = 60_000;
const calls = (): unknown[] =>
  readFileSync(join(local.folder, "calls"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
const at = (inMilliseconds: number): string =>
  `at(${new Date(Math.ceil((local.stack.clock.now() + inMilliseconds) / 1_000) * 1_000).toISOString().slice(0, 19)})`;
const NOTE = {
  Arn: "arn:aws:lambda:us-east-1:000000000000:function:note",
  RoleArn: "arn:aws:iam::000000000000:role/r",
};
const create = (Name: string, ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) =>
  scheduler.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression,
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: NOTE,
      ...more,
    }),
  );
const deadLetters = async () =>
  ((await (await fetch(`${local.stack.url}/local/dead-letters`)).json()) as { items: unknown[] }).items;

it("fires a one-time schedule at its time, with its input, and deletes it", async () => {
  const Input =
    '{"n":1,"when":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>","try":"<aws.scheduler.attempt-number>"}';
  const expression = at(10 * MINUTE);
  await create("once", expression, { ActionAfterCompletion: "DELETE", Target: { ...NOTE, Input } });
  await local.stack.clock.advance(9 * MINUTE);
  expect(calls()).toEqual([]);
  expect((await scheduler.send(new GetScheduleCommand({ Name: "once" }))).ScheduleExpression).toBe(
    expression,
  );
  await local.stack.clock.advance(2 * MINUTE);
  expect(calls()).toEqual([
    {
      n: 1,
      when: `${expression.slice(3, -1)}Z`,
      by: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/once",
      try: "1",
    },
  ]);
  await expect(scheduler.send(new GetScheduleCommand({ Name: "once" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

it("keeps a one-time schedule without ActionAfterCompletion, which does not fire again", async () => {
  await create("kept", at(MINUTE));
  await local.stack.clock.advance(60 * MINUTE);
  expect(calls().length).toBe(1);
  await scheduler.send(new DeleteScheduleCommand({ Name: "kept" }));
});

it("fires a rate once for a whole advance of the clock, and again later", async () => {
  await create("often", "rate(1 minute)", { Target: { ...NOTE, Input: '"tick"' } });
  await local.stack.clock.advance(24 * 60 * MINUTE);
  expect(calls()).toEqual(["tick"]);
  await local.stack.clock.advance(61_000);
  expect(calls()).toEqual(["tick", "tick"]);
  await scheduler.send(new DeleteScheduleCommand({ Name: "often" }));
  await local.stack.clock.advance(60 * MINUTE);
  expect(calls().length).toBe(2);
});

it("follows a change, and does not fire while disabled", async () => {
  await create("changed", at(10 * MINUTE));
  const update = (ScheduleExpression: string, State: "ENABLED" | "DISABLED") =>
    scheduler.send(
      new UpdateScheduleCommand({
        Name: "changed",
        ScheduleExpression,
        State,
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: NOTE,
      }),
    );
  await update(at(30 * MINUTE), "ENABLED");
  await local.stack.clock.advance(20 * MINUTE);
  expect(calls().length).toBe(0);
  await update(at(5 * MINUTE), "DISABLED");
  await local.stack.clock.advance(20 * MINUTE);
  expect(calls().length).toBe(0);
  await update(at(5 * MINUTE), "ENABLED");
  await local.stack.clock.advance(6 * MINUTE);
  expect(calls().length).toBe(1);
  await scheduler.send(new DeleteScheduleCommand({ Name: "changed" }));
});

it("starts executions of state machines", async () => {
  const states = new SFNClient(local.sdk("states"));
  const { stateMachineArn = "" } = await states.send(
    new CreateStateMachineCommand({
      name: "machine",
      roleArn: NOTE.RoleArn,
      definition: '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}',
    }),
  );
  await create("starter", at(MINUTE), {
    Target: { Arn: stateMachineArn, RoleArn: NOTE.RoleArn, Input: "{}" },
  });
  await local.stack.clock.advance(2 * MINUTE);
  const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn }));
  expect(executions?.map(({ status }) => status)).toEqual(["SUCCEEDED"]);
  const heard = calls() as { "detail-type": string; detail: { status: string } }[];
  expect(heard.map((event) => [event["detail-type"], event.detail.status])).toEqual([
    ["Step Functions Execution Status Change", "SUCCEEDED"],
  ]);
  const log = (await (await fetch(`${local.stack.url}/local/events?after=1`)).json()) as { items: unknown[] };
  expect(log.items).toEqual([{ seq: 2, ...heard[0] }]);
});

it("retries an unreachable target as often as configured, then keeps the event as a dead letter", async () => {
  const target = {
    Arn: "arn:aws:lambda:us-east-1:000000000000:function:none",
    RoleArn: NOTE.RoleArn,
    Input: '{"lost":true}',
  };
  await create("lost", at(MINUTE), { Target: { ...target, RetryPolicy: { MaximumRetryAttempts: 2 } } });
  await local.stack.clock.advance(5 * MINUTE);
  expect(await deadLetters()).toEqual([
    expect.objectContaining({
      source: "scheduler",
      target: target.Arn,
      payload: '{"lost":true}',
      attempts: 3,
    }),
  ]);
});

it("rejects a duplicate name, except with the same client token", async () => {
  await create("mine", at(99 * MINUTE), { ClientToken: "t1" });
  await create("mine", at(99 * MINUTE), { ClientToken: "t1" });
  await expect(create("mine", at(99 * MINUTE), { ClientToken: "t2" })).rejects.toMatchObject({
    name: "ConflictException",
  });
  await scheduler.send(new DeleteScheduleCommand({ Name: "mine" }));
  await expect(scheduler.send(new DeleteScheduleCommand({ Name: "mine" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

it.each([
  ["a malformed expression", { ScheduleExpression: "at(tomorrow)" }],
  ["a cron expression of five fields", { ScheduleExpression: "cron(0 12 * * ?)" }],
  ["an unknown time zone", { ScheduleExpressionTimezone: "Mars/Olympus" }],
  ["a malformed name", { Name: "a b" }],
  ["too many retries", { Target: { ...NOTE, RetryPolicy: { MaximumRetryAttempts: 186 } } }],
])("refuses %s", async (_what, more) => {
  await expect(create("refused", at(MINUTE), more)).rejects.toMatchObject({ name: "ValidationException" });
});

it("creates groups, deletes them with their schedules, and lists them in pages", async () => {
  await expect(create("inside", at(99 * MINUTE), { GroupName: "team" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  await scheduler.send(new CreateScheduleGroupCommand({ Name: "team" }));
  await expect(scheduler.send(new CreateScheduleGroupCommand({ Name: "team" }))).rejects.toMatchObject({
    name: "ConflictException",
  });
  const names = ["a", "b", "c"];
  for (const name of names) await create(name, at(99 * MINUTE), { GroupName: "team" });
  const listed: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await scheduler.send(
      new ListSchedulesCommand({ GroupName: "team", MaxResults: 2, NextToken }),
    );
    listed.push(...(page.Schedules ?? []).map(({ Name }) => Name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(listed).toEqual(names);
  expect((await scheduler.send(new GetScheduleGroupCommand({ Name: "team" }))).State).toBe("ACTIVE");
  await scheduler.send(new DeleteScheduleGroupCommand({ Name: "team" }));
  expect((await scheduler.send(new ListSchedulesCommand({ GroupName: "team" }))).Schedules).toEqual([]);
  expect(
    (await scheduler.send(new ListScheduleGroupsCommand({}))).ScheduleGroups?.map(({ Name }) => Name),
  ).toEqual(["default"]);
});
