import { describe, expect, it } from "vitest";
import { plain, synthesize } from "./synth/synthesized.ts";

const { resources, one } = synthesize();

interface Statement {
  readonly Action: unknown;
  readonly Resource: unknown;
}

/** Name of the function or queue that a GetAtt of a stack points at. */
const named = (stack: string, value: unknown): unknown => {
  const id = /^<(.+)\.Arn>$/.exec(plain(value))?.[1];
  const functionName = resources("AWS::Lambda::Function")[`${stack}/${id}`]?.Properties["FunctionName"];
  return functionName ?? resources("AWS::SQS::Queue")[`${stack}/${id}`]?.Properties["QueueName"];
};

describe("the end of an execution", () => {
  const rule = one("AWS::Events::Rule").Properties;
  const pattern = rule["EventPattern"] as {
    detail: { status: string[]; stateMachineArn: { prefix: unknown }[] };
  };

  it("is received for Sluice's machines only, however the execution ended", () => {
    expect(pattern).toMatchObject({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
    });
    expect([...pattern.detail.status].sort()).toEqual(["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"]);
    expect(pattern.detail.stateMachineArn.map(({ prefix }) => plain(prefix))).toEqual([
      "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-",
    ]);
  });

  it("goes to its handler, or to the dead-letter queue after failed deliveries", () => {
    const targets = rule["Targets"] as { Arn: unknown; DeadLetterConfig: { Arn: unknown } }[];
    expect(
      targets.map((target) => [
        named("sluice-workflow", target.Arn),
        named("sluice-workflow", target.DeadLetterConfig.Arn),
      ]),
    ).toEqual([["sluice-execution-closed", "sluice-events-dead-letters"]]);
  });
});

describe("the sweeper", () => {
  const schedule = one("AWS::Scheduler::Schedule").Properties;

  it("is called every minute, at the minute, by a schedule of Sluice's group", () => {
    expect(schedule).toMatchObject({
      GroupName: "sluice",
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
    });
    expect(one("AWS::Scheduler::ScheduleGroup").Properties["Name"]).toBe("sluice");
    const target = schedule["Target"] as { Arn: unknown; DeadLetterConfig: { Arn: unknown } };
    expect(named("sluice-schedule", target.Arn)).toBe("sluice-sweep");
    expect(named("sluice-schedule", target.DeadLetterConfig.Arn)).toBe("sluice-schedule-dead-letters");
  });

  it("is called with a role that Scheduler assumes for this group only", () => {
    const role = one("AWS::IAM::Role", { RoleName: "sluice-scheduler" });
    expect(role.Properties["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [
        {
          Principal: { Service: "scheduler.amazonaws.com" },
          Condition: {
            StringEquals: {
              "aws:SourceAccount": { Ref: "AWS::AccountId" },
              "aws:SourceArn": { "Fn::GetAtt": ["group", "Arn"] },
            },
          },
        },
      ],
    });
  });
});

describe("the table's stream", () => {
  const mapping = one("AWS::Lambda::EventSourceMapping").Properties;
  const patterns = (mapping["FilterCriteria"] as { Filters: { Pattern: string }[] }).Filters.map(
    ({ Pattern }) => JSON.parse(Pattern),
  );

  it("goes to its reader in batches, and to the dead-letter queue if processing fails", () => {
    expect(plain(mapping["EventSourceArn"])).toBe("<sluice-data/table.StreamArn>");
    const id = plain(mapping["FunctionName"]).slice(1, -1);
    expect(resources("AWS::Lambda::Function")[`sluice-workflow/${id}`]?.Properties["FunctionName"]).toBe(
      "sluice-publish-changes",
    );
    expect(mapping).toMatchObject({
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      ParallelizationFactor: 4,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRetryAttempts: 20,
      MaximumRecordAgeInSeconds: 12 * 60 * 60,
    });
    const { OnFailure } = mapping["DestinationConfig"] as { OnFailure: { Destination: unknown } };
    expect(named("sluice-workflow", OnFailure.Destination)).toBe("sluice-events-dead-letters");
  });

  it("invokes it only for status changes, as far as a filter can distinguish them", () => {
    const run = { Keys: { SK: { S: ["RUN"] } } };
    const notRunning = { status: { S: [{ "anything-but": ["running"] }] } };
    expect(patterns).toEqual([
      { eventName: ["INSERT"], dynamodb: run },
      { eventName: ["MODIFY"], dynamodb: { ...run, NewImage: notRunning } },
      { eventName: ["MODIFY"], dynamodb: { ...run, OldImage: notRunning } },
      {
        eventName: ["INSERT"],
        dynamodb: {
          Keys: { SK: { S: [{ prefix: "A#" }] } },
          NewImage: { flowId: { S: [{ exists: true }] } },
        },
      },
      { eventName: ["REMOVE"], dynamodb: { Keys: { SK: { S: ["FLOW"] } } } },
    ]);
  });
});

describe.each([
  ["sluice-drain", "sluice-drain"],
  ["sluice-bulk", "sluice-bulk-batch"],
])("the machine %s", (name, batch) => {
  const machine = one("AWS::StepFunctions::StateMachine", { StateMachineName: name }).Properties;

  it("has the name that its callers use, and calls its own function in a loop", () => {
    expect(machine).toMatchObject({ StateMachineType: "STANDARD" });
    const { States, StartAt } = JSON.parse(plain(machine["DefinitionString"])) as {
      StartAt: string;
      States: Record<string, { Type: string; Resource?: string }>;
    };
    const first = States[StartAt];
    expect(first?.Type).toBe("Task");
    const id = /^<(.+)\.Arn>$/.exec(first?.Resource ?? "")?.[1];
    const called = resources("AWS::Lambda::Function")[`sluice-workflow/${id}`];
    expect(called?.Properties["FunctionName"]).toBe(batch);
  });

  it("is one of only two, since the machines of flows are created at run time", () => {
    expect(Object.keys(resources("AWS::StepFunctions::StateMachine"))).toHaveLength(2);
  });
});

describe("the targets of schedules", () => {
  it("are the sweeper, the two functions for the begin and the end of a hold, and the intake of triggers", () => {
    const [statement] = Object.values(resources("AWS::IAM::Policy"))
      .map(({ Properties }) => Properties)
      .filter(({ Roles }) => JSON.stringify(Roles).match(/"role[0-9A-F]{8}"/))
      .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement)
      .filter(({ Action }) => Action === "lambda:InvokeFunction");
    const targets = statement?.Resource;
    const called = Array.isArray(targets)
      ? targets.map((target) => named("sluice-schedule", target) ?? plain(target))
      : [];
    expect(called.sort()).toEqual([
      // Of an earlier stack, so its ARN is written out.
      "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:sluice-intake",
      ...["sluice-auto-resume", "sluice-sweep", "sluice-warning"],
    ]);
  });
});

describe.each([
  ["sluice-workflow", "sluice-execution-closed", "sluice-events-dead-letters"],
  ["sluice-schedule", "sluice-sweep", "sluice-schedule-dead-letters"],
  ["sluice-schedule", "sluice-auto-resume", "sluice-schedule-dead-letters"],
  ["sluice-schedule", "sluice-warning", "sluice-schedule-dead-letters"],
])("in %s", (stack, functionName, queueName) => {
  it(`keeps the events on which ${functionName} fails`, () => {
    const kept = Object.values(resources("AWS::Lambda::EventInvokeConfig"))
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => {
        const id = plain(FunctionName).slice(1, -1);
        return (
          resources("AWS::Lambda::Function")[`${stack}/${id}`]?.Properties["FunctionName"] === functionName
        );
      })
      .map(({ DestinationConfig }) => DestinationConfig as { OnFailure: { Destination: unknown } });
    expect(kept.map(({ OnFailure }) => named(stack, OnFailure.Destination))).toEqual([queueName]);
  });

  it(`${queueName} is encrypted, requires TLS and keeps messages for 14 days`, () => {
    const queue = one("AWS::SQS::Queue", { QueueName: queueName });
    expect(queue.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
    const [policy] = Object.entries(resources("AWS::SQS::QueuePolicy"))
      .filter(([id]) => id.startsWith(`${stack}/`))
      .map(([, { Properties }]) => Properties["PolicyDocument"] as { Statement: unknown[] });
    expect(policy?.Statement).toContainEqual(
      expect.objectContaining({
        Effect: "Deny",
        Action: "sqs:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    );
  });
});
