import { describe, expect, it } from "vitest";
import { functions } from "../../infra/functions.ts";
import { plain, type Resource, synthesize } from "./synth/synthesized.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const { resources, one } = synthesize();
const policies = Object.values(resources("AWS::IAM::Policy"));
const roles = resources("AWS::IAM::Role");

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const statementsOf = (policy: Resource): readonly Statement[] =>
  (policy.Properties["PolicyDocument"] as { Statement: Statement[] }).Statement;
const actionsOf = ({ Action }: Statement) => list(Action).map(String);
const targetsOf = (statement: Statement) => list(statement.Resource).map(plain);

/** Statements of a role, found by the role's description. */
const grantsOf = (description: string): readonly Statement[] => {
  const role = one("AWS::IAM::Role", { Description: description });
  const id = Object.keys(roles)
    .find((key) => roles[key] === role)
    ?.split("/")[1];
  return policies
    .filter(({ Properties }) => list(Properties["Roles"]).some((name) => plain(name) === `<${id}>`))
    .flatMap(statementsOf);
};
const functionGrants = (name: string) => grantsOf(`Execution role of ${name}`);

const TABLE = "<sluice-data/table.Arn>";
const STREAM = "<sluice-data/table.StreamArn>";
const STREAM_READ = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
  (action) => `dynamodb:${action}`,
);
const MACHINES = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-*";
const EXECUTIONS = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:sluice-*:*";

const MAP_RUNS = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:mapRun:sluice-*/*:*";
const DRAIN = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-drain";
const DRAINS = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:sluice-drain:*";
const BULK = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-bulk";
const BULKS = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:sluice-bulk:*";
const SCHEDULES = "arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/sluice/*";
const BUS = "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default";
const role = (name: string) => `arn:<AWS::Partition>:iam::<AWS::AccountId>:role/${name}`;

const read = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];
const purge = ["dynamodb:BatchWriteItem"];
const write = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];

interface Expected {
  readonly table: readonly string[];
  readonly indexes?: readonly string[];
  readonly machines?: readonly string[];
  readonly executions?: readonly string[];
  readonly mapRuns?: readonly string[];
  /** Actions without a resource. */
  readonly any?: readonly string[];
  readonly passesRole?: true;
  readonly drain?: readonly ("StartExecution" | "DescribeExecution")[];
  readonly bulk?: readonly ("StartExecution" | "DescribeExecution")[];
  readonly schedules?: readonly ("Create" | "Delete")[];
  readonly tellsBus?: true;
  readonly readsStream?: true;
  readonly keepsFailures?: true;
  /** The name of the function that it invokes. */
  readonly invokes?: string;
}

const history = ["states:DescribeExecution", "states:GetExecutionHistory"];
const wake = ["states:SendTaskFailure", "states:SendTaskSuccess", "states:StartExecution"];

/** The intended grants of each function, written out, so that any grant too many or too few is noticed. */
const expected: Readonly<Record<string, Expected>> = {
  "sluice-openapi": { table: [] },
  "sluice-read": {
    table: [...read, ...write],
    indexes: ["byFlow", "byStatus", "attention", "byFailure"],
    executions: [...history, "states:ListMapRuns"],
    mapRuns: ["states:DescribeMapRun"],
  },
  "sluice-publish": {
    table: [...read, ...write, ...purge],
    indexes: ["byFlow", "byStatus"],
    machines: [
      "states:CreateStateMachine",
      "states:DeleteStateMachine",
      "states:DeleteStateMachineVersion",
      "states:PublishStateMachineVersion",
      "states:SendTaskSuccess",
      "states:StartExecution",
      "states:UpdateStateMachine",
    ],
    executions: [...history, "states:StopExecution"],
    drain: ["StartExecution"],
    schedules: ["Create", "Delete"],
    passesRole: true,
  },
  "sluice-attach": {
    table: [...read, ...write],
    indexes: ["byFlow", "byStatus"],
    executions: ["states:GetExecutionHistory"],
    drain: ["StartExecution"],
    schedules: ["Create", "Delete"],
  },
  "sluice-register": {
    table: [...read, ...write],
    indexes: ["byFlow", "byStatus"],
    machines: [
      "states:CreateStateMachine",
      "states:DeleteStateMachineVersion",
      "states:PublishStateMachineVersion",
      "states:UpdateStateMachine",
    ],
    drain: ["StartExecution"],
    schedules: ["Create", "Delete"],
    passesRole: true,
  },
  "sluice-dispatch": {
    table: [...read, ...write],
    machines: ["states:SendTaskSuccess", "states:StartExecution"],
    executions: ["states:DescribeExecution", "states:StopExecution"],
    schedules: ["Create", "Delete"],
    invokes: "sluice-wait",
  },
  "sluice-intake": {
    table: [...read, ...write],
    machines: ["states:SendTaskSuccess", "states:StartExecution"],
    executions: ["states:DescribeExecution", "states:StopExecution"],
    schedules: ["Create", "Delete"],
  },
  "sluice-wait": { table: [...read, ...write], executions: ["states:DescribeExecution"] },
  "sluice-holds": {
    table: [...read, ...write],
    indexes: ["byFlow", "byStatus"],
    drain: ["StartExecution"],
    bulk: ["StartExecution"],
    schedules: ["Create", "Delete"],
  },
  "sluice-control": {
    table: [...read, ...write, ...purge],
    machines: [...wake, "states:CreateStateMachine"],
    executions: [...history, "states:ListMapRuns", "states:StopExecution"],
    mapRuns: ["states:DescribeMapRun"],
    any: ["states:TestState"],
    passesRole: true,
    schedules: ["Create", "Delete"],
  },
  "sluice-bulk": {
    table: [...read, ...write],
    indexes: ["byFlow", "byStatus", "byFailure"],
    bulk: ["StartExecution"],
  },
  "sluice-bulk-batch": {
    table: [...read, ...write, ...purge],
    indexes: ["byFlow", "byStatus", "byFailure"],
    machines: [
      "states:CreateStateMachine",
      "states:PublishStateMachineVersion",
      "states:SendTaskSuccess",
      "states:StartExecution",
      "states:UpdateStateMachine",
    ],
    executions: [...history, "states:ListMapRuns", "states:StopExecution"],
    mapRuns: ["states:DescribeMapRun"],
    drain: ["StartExecution"],
    bulk: ["StartExecution"],
    schedules: ["Create", "Delete"],
    passesRole: true,
  },
  "sluice-admin": { table: [...read, ...write] },
  "sluice-gate": {
    table: [...read, ...write],
    machines: ["states:SendTaskSuccess", "states:StartExecution"],
    executions: [...history, "states:StopExecution"],
    schedules: ["Create", "Delete"],
  },
  "sluice-park": {
    table: [...read, ...write],
    machines: ["states:SendTaskFailure", "states:SendTaskSuccess"],
    executions: ["states:DescribeExecution", "states:StopExecution"],
  },
  "sluice-human-step": { table: [...read, ...write] },
  "sluice-hand-over": {
    table: [...read, ...write],
    machines: ["states:SendTaskSuccess", "states:StartExecution"],
    executions: [...history, "states:StopExecution"],
    schedules: ["Create", "Delete"],
  },
  "sluice-drain": {
    table: [...read, ...write],
    indexes: ["byStatus"],
    machines: ["states:SendTaskSuccess", "states:StartExecution"],
    executions: ["states:DescribeExecution", "states:StopExecution"],
    drain: ["StartExecution"],
    schedules: ["Create", "Delete"],
  },
  "sluice-auto-resume": {
    table: [...read, ...write],
    indexes: ["byFlow", "byStatus"],
    drain: ["StartExecution"],
    schedules: ["Create", "Delete"],
    keepsFailures: true,
  },
  "sluice-warning": { table: read, tellsBus: true, keepsFailures: true },
  "sluice-sweep": {
    table: [...read, ...write, ...purge],
    indexes: ["byFlow", "byStatus", "due"],
    machines: [...wake, "states:CreateStateMachine", "states:DeleteStateMachine"],
    executions: [...history, "states:StopExecution"],
    passesRole: true,
    drain: ["StartExecution", "DescribeExecution"],
    bulk: ["StartExecution", "DescribeExecution"],
    schedules: ["Create", "Delete"],
    tellsBus: true,
    keepsFailures: true,
  },
  "sluice-publish-changes": { table: [], readsStream: true, tellsBus: true, keepsFailures: true },
  "sluice-execution-closed": {
    table: [...read, ...write],
    machines: ["states:SendTaskSuccess", "states:StartExecution"],
    executions: [...history, "states:StopExecution"],
    schedules: ["Create", "Delete"],
    keepsFailures: true,
  },
};

describe("a function's grants", () => {
  it("are expected for every function", () => {
    expect(Object.values(functions).map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(expected)),
    );
    for (const { name } of Object.values(functions)) expect(expected, name).toHaveProperty([name]);
  });

  it.each(Object.entries(expected))("%s: are exactly what it needs", (name, want) => {
    const allowed = new Map<string, string[]>();
    const own: string[] = [];
    for (const statement of functionGrants(name)) {
      expect(statement.Effect).toBe("Allow");
      for (const target of targetsOf(statement)) {
        const actions = actionsOf(statement);
        if (actions[0]?.startsWith("logs:") || actions[0]?.startsWith("sqs:")) own.push(...actions);
        else allowed.set(target, [...(allowed.get(target) ?? []), ...actions].sort());
      }
    }
    const wanted = new Map<string, string[]>([
      ["*", [...(want.any ?? []), "xray:PutTelemetryRecords", "xray:PutTraceSegments"]],
    ]);
    const want1 = (target: string, actions: readonly string[] = []) => {
      if (actions.length > 0) wanted.set(target, [...actions].sort());
    };
    want1(TABLE, want.table);
    for (const index of want.indexes ?? []) want1(`${TABLE}/index/${index}`, ["dynamodb:Query"]);
    want1(MACHINES, want.machines);
    want1(EXECUTIONS, want.executions);
    want1(MAP_RUNS, want.mapRuns);
    if (want.passesRole) want1(role("sluice-flows-*"), ["iam:PassRole"]);
    if (want.drain?.includes("StartExecution")) want1(DRAIN, ["states:StartExecution"]);
    if (want.drain?.includes("DescribeExecution")) want1(DRAINS, ["states:DescribeExecution"]);
    if (want.bulk?.includes("StartExecution")) want1(BULK, ["states:StartExecution"]);
    if (want.bulk?.includes("DescribeExecution")) want1(BULKS, ["states:DescribeExecution"]);
    want1(
      SCHEDULES,
      want.schedules?.map((action) => `scheduler:${action}Schedule`),
    );
    if (want.schedules?.includes("Create")) want1(role("sluice-scheduler"), ["iam:PassRole"]);
    if (want.tellsBus) want1(BUS, ["events:PutEvents"]);
    if (want.invokes !== undefined)
      want1(`arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:${want.invokes}`, [
        "lambda:InvokeFunction",
      ]);
    if (want.readsStream) want1(STREAM, STREAM_READ);
    expect(Object.fromEntries(allowed)).toEqual(Object.fromEntries(wanted));
    expect(own.sort()).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      ...(want.keepsFailures ? ["sqs:SendMessage"] : []),
    ]);
  });

  it("include only the function's own log group", () => {
    for (const { name } of Object.values(functions)) {
      const logs = functionGrants(name).filter((one) => actionsOf(one)[0]?.startsWith("logs:"));
      const groups = Object.entries(resources("AWS::Logs::LogGroup"))
        .filter(([, group]) => group.Properties["LogGroupName"] === `/aws/lambda/${name}`)
        .map(([id]) => `<${id.split("/")[1]}.Arn>`);
      expect(logs.flatMap(targetsOf), name).toEqual(groups);
    }
  });
});

/** The logging permissions that Step Functions requires of a machine's role. None of them takes a resource. */
const LOG_DELIVERY = [
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
];

describe("all policies", () => {
  const all = policies.flatMap(statementsOf).filter(({ Effect }) => Effect === "Allow");

  it("contain no wildcard in an action", () => {
    expect(all.flatMap(actionsOf).filter((action) => action.includes("*"))).toEqual([]);
  });

  it("name every resource, if the service supports resources", () => {
    const wide = all.filter((one) => targetsOf(one).includes("*")).flatMap(actionsOf);
    const traces = Object.keys(expected).flatMap(() => ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]);
    const logs = ["sluice-drain", "sluice-bulk"].flatMap(() => LOG_DELIVERY);
    // Without a role, TestState reaches nothing in the account.
    expect(wide.toSorted()).toEqual([...traces, ...logs, "states:TestState"].toSorted());
  });

  it("allow no scan of the table", () => {
    const actions = all.flatMap(actionsOf);
    expect(actions.filter((action) => action === "dynamodb:Scan" || action.includes("PartiQL"))).toEqual([]);
  });

  it("pass only two roles, each to its own service: that of flows' machines and that of schedules", () => {
    const passing = all.filter((one) => actionsOf(one).includes("iam:PassRole"));
    const passed = passing.map((one) => JSON.stringify([targetsOf(one), one.Condition]));
    const to = (service: string) => ({ StringEquals: { "iam:PassedToService": `${service}.amazonaws.com` } });
    expect([...new Set(passed)].map((one) => JSON.parse(one))).toEqual(
      expect.arrayContaining([
        [[role("sluice-flows-*")], to("states")],
        [[role("sluice-scheduler")], to("scheduler")],
      ]),
    );
    expect(new Set(passed).size).toBe(2);
  });

  it("include no managed policy", () => {
    for (const [id, { Properties }] of Object.entries(roles)) {
      expect(Properties["ManagedPolicyArns"], id).toBeUndefined();
    }
  });
});

describe.each([
  ["earlier releases gave to all machines", "sluice-flows", "", "sluice-task-*", "*"],
  [
    "the machines of acme have",
    "sluice-flows-acme",
    " of Sluice workspace acme",
    "sluice-task-acme",
    "acme-*",
  ],
])("the role that %s", (_who, name, of, task, machines) => {
  const found = one("AWS::IAM::Role", { RoleName: name });
  const description = `Role of the state machines${of === "" ? " that Sluice creates" : of}`;

  it("may call the four functions that compiled flows call, assume task roles and run children, and nothing else", () => {
    const grants = grantsOf(description);
    const called = ["sluice-gate", "sluice-hand-over", "sluice-human-step", "sluice-park"];
    expect(grants.map((one) => [one.Effect, actionsOf(one), targetsOf(one).sort()])).toEqual([
      [
        "Allow",
        ["lambda:InvokeFunction"],
        called.map((name) => `arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:${name}`),
      ],
      ["Allow", ["sts:AssumeRole"], [role(task)]],
      ["Allow", ["states:StartExecution"], [MACHINES.replace("*", machines)]],
      ["Allow", ["states:DescribeExecution", "states:StopExecution"], [EXECUTIONS.replace("*", machines)]],
    ]);
  });

  it("can be assumed by Step Functions only for Sluice's machines in this account", () => {
    const [trust, ...more] = (found.Properties["AssumeRolePolicyDocument"] as { Statement: Statement[] })
      .Statement;
    expect(more).toEqual([]);
    expect(trust).toMatchObject({ Effect: "Allow", Principal: { Service: "states.amazonaws.com" } });
    const condition = trust?.Condition as Record<string, Record<string, unknown>>;
    expect(plain(condition["StringEquals"]?.["aws:SourceAccount"])).toBe("<AWS::AccountId>");
    expect(plain(condition["ArnLike"]?.["aws:SourceArn"])).toBe(MACHINES.replace("*", machines));
  });
});

describe.each([
  ["sluice-drain", "empties the queues of flows", "sluice-drain"],
  ["sluice-bulk", "processes bulk operations", "sluice-bulk-batch"],
])("the role of the machine %s", (name, does, called) => {
  it("may call its function and log, and nothing else, for machines of this account", () => {
    const grants = grantsOf(`Role of the state machine that ${does}`);
    const byId = resources("AWS::Lambda::Function");
    const named = (target: string) =>
      byId[`sluice-workflow/${/^<(.+)\.Arn>$/.exec(target)?.[1]}`]?.Properties["FunctionName"];
    expect(grants.map((one) => [one.Effect, actionsOf(one), targetsOf(one).map(named)])).toEqual([
      ["Allow", ["lambda:InvokeFunction"], [called]],
      ["Allow", LOG_DELIVERY, [undefined]],
    ]);
    const trust = one("AWS::IAM::Role", { RoleName: name }).Properties["AssumeRolePolicyDocument"];
    const [only, ...more] = (trust as { Statement: Statement[] }).Statement;
    expect(more).toEqual([]);
    expect(only).toMatchObject({ Effect: "Allow", Principal: { Service: "states.amazonaws.com" } });
    const condition = only?.Condition as Record<string, Record<string, unknown>>;
    // While it sets up logging, Step Functions does not pass a machine's own ARN.
    expect(plain(condition["ArnLike"]?.["aws:SourceArn"])).toBe(
      "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:*",
    );
  });
});
