import { DynamoDBClient, GetItemCommand, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "no error",
    (error: Error) => error.name,
  );

describe("an unmodified AWS SDK client", () => {
  let stack: TestStack;
  let sfn: SFNClient;
  let scheduler: SchedulerClient;
  let dynamodb: DynamoDBClient;
  let runId: string;
  beforeAll(async () => {
    stack = await testStack("work");
    sfn = new SFNClient(sdkConfig(stack.url, "states"));
    scheduler = new SchedulerClient(sdkConfig(stack.url, "scheduler"));
    dynamodb = new DynamoDBClient(sdkConfig(stack.url, "dynamodb"));
    await stack.admin.publish("flow", tasks("work"));
    runId = (await stack.operator.dispatch("flow", { n: 1 })).runId;
    await stack.operator.untilStatus(runId, "completed");
  });
  afterAll(async () => {
    for (const client of [sfn, scheduler, dynamodb]) client.destroy();
    await stack.close();
  });

  it("lists and describes machines and executions", async () => {
    const { stateMachines } = await sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map((each) => each.name).toSorted()).toEqual([
      "sluice-bulk",
      expect.stringMatching(/^sluice-demo-/),
      "sluice-drain",
    ]);
    const machine = stateMachines?.find((each) => each.name?.startsWith("sluice-demo-"));
    const described = await sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: machine?.stateMachineArn }),
    );
    expect(described.status).toBe("ACTIVE");
    const text = described.definition ?? "";
    expect(text).not.toMatch(/arn:sluice|"Sluice":|local/i);
    const { executions } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machine?.stateMachineArn }),
    );
    expect(executions?.map((execution) => execution.name)).toEqual([`${runId}.1`]);
    const executionArn = executions?.[0]?.executionArn;
    // The run ends at its last gate; its execution ends a moment later.
    const execution = await eventually(async () => {
      const read = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return read.status === "RUNNING" ? undefined : read;
    });
    expect(execution.status).toBe("SUCCEEDED");
    expect(execution.startDate).toBeInstanceOf(Date);
  });

  it("gets the services' own error names", async () => {
    const arn = "arn:aws:states:us-east-1:000000000000";
    expect(
      await nameOf(
        sfn.send(new DescribeStateMachineCommand({ stateMachineArn: `${arn}:stateMachine:none` })),
      ),
    ).toBe("StateMachineDoesNotExist");
    expect(
      await nameOf(sfn.send(new DescribeExecutionCommand({ executionArn: `${arn}:execution:none:none` }))),
    ).toBe("ExecutionDoesNotExist");
    expect(
      await nameOf(
        sfn.send(new StartExecutionCommand({ stateMachineArn: `${arn}:stateMachine:none`, input: "{}" })),
      ),
    ).toBe("StateMachineDoesNotExist");
    expect(await nameOf(sfn.send(new SendTaskSuccessCommand({ taskToken: "nonsense", output: "{}" })))).toBe(
      "InvalidToken",
    );
    expect(await nameOf(scheduler.send(new GetScheduleCommand({ Name: "none" })))).toBe(
      "ResourceNotFoundException",
    );
    expect(
      await nameOf(
        dynamodb.send(new GetItemCommand({ TableName: "none", Key: { PK: { S: "a" }, SK: { S: "b" } } })),
      ),
    ).toBe("ResourceNotFoundException");
  });

  it("lists schedules, groups and tables", async () => {
    const { ScheduleGroups } = await scheduler.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups?.length).toBeGreaterThan(0);
    const { Schedules } = await scheduler.send(new ListSchedulesCommand({}));
    expect(Schedules?.map((schedule) => schedule.Name)).toEqual(
      expect.arrayContaining([expect.stringMatching(/sweep/)]),
    );
    expect((await dynamodb.send(new ListTablesCommand({}))).TableNames?.length).toBe(1);
  });
});
