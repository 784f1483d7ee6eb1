import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudFrontClient } from "@aws-sdk/client-cloudfront";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteScheduleCommand, ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import {
  DeleteStateMachineCommand,
  ListStateMachinesCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AwsServices, localServices } from "../../../cli/doctor/aws.ts";
import { type Deployment, findDeployment } from "../../../cli/doctor/deployment.ts";
import { examine } from "../../../cli/doctor/examine.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { functions } from "../../../infra/functions.ts";
import { tokenFor } from "../../harness/clients/client.ts";
import { chain, tasks } from "../../harness/definitions.ts";
import { type CommandLine, commandLine } from "../../harness/stack/command-line.ts";
import { Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

let stack: TestStack;
let cli: CommandLine;
let aws: AwsServices;
let orders: TeamMachine;
beforeAll(async () => {
  stack = await testStack("one");
  cli = commandLine();
  aws = localServices(stack.url);
  await stack.admin.publish("managed", tasks("one"));
  orders = await new Team(stack.url).create("orders", tasks("one"));
  await stack.admin.expect([200, 201], "POST", "/flows/orders/attach", { stateMachineArn: orders.arn });
});
afterAll(async () => {
  cli?.remove();
  await stack?.close();
});
afterEach(() => stack.admin.expect([200, 204], "DELETE", "/local/faults"));

const OWN_RUN = { stepSeconds: 1, patienceMs: 3_000 };
const VALID = { valid: chain({ Rest: { Type: "Pass" } }) };

/** The findings of one check, in the stack with other services. */
const found = async (
  check: string,
  {
    services = {},
    texts = VALID,
    instance = "sluice",
  }: { services?: Partial<AwsServices>; texts?: Record<string, unknown>; instance?: string } = {},
): Promise<Finding[]> => {
  const { url, workspace, api: client } = stack.admin;
  const deployment: Deployment = {
    ...(await findDeployment(aws, { isLocal: true, api: { url, workspace, client } })),
    aws: { ...aws, ...services },
    instance,
  };
  const findings: Finding[] = [];
  const examination = { run: true, only: [check], goldenTexts: () => texts, ownRun: OWN_RUN };
  for await (const finding of examine(deployment, examination)) findings.push(finding);
  return findings;
};
const verdicts = async (...given: Parameters<typeof found>) =>
  (await found(...given)).map(({ verdict }) => verdict);
const problems = async (...given: Parameters<typeof found>): Promise<string> => {
  const severe = (await found(...given)).filter(({ verdict }) => verdict === "problem");
  for (const { todo = "" } of severe) expect(todo).not.toBe("");
  return severe.map((finding) => finding.found).join("\n");
};

/**
 * A client of a service that the local stack does not have, with one answer to each command. The SDK pages through lists only
 * for instances of its own clients.
 */
const service = (
  { prototype }: { readonly prototype: object },
  answers: Readonly<Record<string, unknown>>,
): never =>
  Object.assign(Object.create(prototype), {
    send: async ({ constructor: { name } }: object) => {
      const answer = answers[name.replace(/Command$/, "")];
      if (answer === undefined) throw new Error(`Unexpected ${name}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  }) as never;

/** The stack's own service, except for some commands. */
const except = <S extends { send: (command: never) => Promise<unknown> }>(
  own: S,
  answers: Readonly<Record<string, (command: { input: never }) => unknown>>,
): S =>
  Object.assign(Object.create(own), {
    send: async (command: { constructor: { name: string }; input: never }) =>
      answers[command.constructor.name.replace(/Command$/, "")]?.(command) ??
      (await own.send(command as never)),
  });

describe("on a sound stack, the doctor", () => {
  it("finds no problem, says what it could not check, and leaves nothing behind", async () => {
    const env = {
      SLUICE_URL: stack.url,
      SLUICE_TOKEN: await tokenFor(stack.url, { user: "admin" }),
      SLUICE_WORKSPACE: "demo",
    };
    const { code, json, stderr } = await cli.runWith({ env }, "doctor", "--json");
    const findings: Finding[] = json.findings;
    expect({ code, stderr, bad: findings.filter(({ verdict }) => verdict === "problem") }).toEqual({
      ...{ code: 0, stderr: "", bad: [] },
    });
    const sound = findings.filter(({ verdict }) => verdict === "ok").map(({ check }) => check);
    expect(new Set(sound)).toEqual(
      new Set([
        ...[
          "table",
          "functions",
          "loops",
          "schedules",
          "definitions",
          "flows",
          "drift",
          "grants",
          "api",
          "run",
        ],
      ]),
    );
    const open = findings.filter(({ verdict }) => verdict === "unchecked");
    for (const { found: why } of open) expect(why).toMatch(/^Not checked here: /);
    expect(open.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["stacks", "quotas", "console", "logs"]),
    );
    expect((await stack.admin.flows()).map(({ flowId }) => flowId)).toEqual(["orders", "managed"]);
  });

  it("lists what a removal has to delete", async () => {
    const env = { SLUICE_URL: stack.url, SLUICE_TOKEN: "not needed", SLUICE_WORKSPACE: "demo" };
    const { code, json } = await cli.runWith({ env }, "destroy-plan", "--json");
    expect({
      code,
      steps: json.steps.map(({ kind, name }: { kind: string; name: string }) => [kind, name]),
    }).toEqual({
      code: 0,
      steps: [
        ["attached flow", "orders"],
        ["state machine", expect.stringMatching(/^sluice-demo-[a-z2-7]{16}$/)],
        ["table", "sluice"],
      ],
    });
  });

  it("needs a deployment, and knows its checks", async () => {
    const env = {
      SLUICE_URL: stack.url,
      SLUICE_TOKEN: await tokenFor(stack.url, { user: "admin" }),
      SLUICE_WORKSPACE: "demo",
    };
    const [other, unknown, text] = await Promise.all([
      cli.runWith({ env }, "doctor", "--instance", "other", "--json"),
      cli.runWith({ env }, "doctor", "--only", "health"),
      cli.runWith({ env }, "doctor", "--only", "api,logs"),
    ]);
    expect(other).toMatchObject({ code: 5, json: { code: "not_deployed" } });
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^RESULT\s+CHECK\s+FOUND/);
    expect(text.stdout).toMatch(/0 problems, 0 warnings, 1 not checked\n$/);
  });
});

describe("a planted fault is found:", () => {
  it("a compiled text that Step Functions refuses", async () => {
    expect(await verdicts("definitions")).toEqual(["ok"]);
    const texts = { ...VALID, broken: chain({ Rest: { Type: "Wait", Seconds: -1 } }) };
    expect(await problems("definitions", { texts })).toMatch(/refuses the compiled text broken: .*Seconds/);
  });

  it("a flow's state machine without gates", async () => {
    expect(await verdicts("flows")).toEqual(["ok"]);
    const { stateMachines = [] } = await aws.states.send(new ListStateMachinesCommand({}));
    const stateMachineArn = stateMachines.find(({ name = "" }) =>
      name.startsWith("sluice-demo-"),
    )?.stateMachineArn;
    const definition = JSON.stringify(tasks("one"));
    await aws.states.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    expect(await problems("flows")).toMatch(/sluice-demo-\w+ does not call sluice-gate/);
  });

  it("an attached machine that was overwritten", async () => {
    expect(await verdicts("drift")).toEqual(["ok"]);
    await orders.overwrite(tasks("one"));
    expect(await problems("drift")).toMatch(/orders no longer has the gates of orders/);
  });

  it("a role of flows that may not call the gate", async () => {
    const roleArn = "arn:aws:iam::000000000000:role/sluice-flows-demo";
    const set = (mayCall: boolean) =>
      stack.admin.expect([200, 204], "POST", "/local/roles", { roleArn, mayCall });
    await set(false);
    expect(await problems("grants")).toMatch(/flows of the workspace demo may not lambda:InvokeFunction/);
    await set(true);
    expect(await problems("grants")).toBe("");
  });

  it("a sweeper that nobody calls, and a pause that nobody ends", async () => {
    const resumeAt = new Date(Date.now() + 3_600_000).toISOString();
    await stack.admin.api.pauseFlow({ flowId: "managed", ifMatch: "any", body: { resumeAt } });
    expect(await verdicts("schedules")).toEqual(["ok", "ok"]);
    const GroupName = "sluice";
    const { Schedules = [] } = await aws.scheduler.send(
      new ListSchedulesCommand({ GroupName, NamePrefix: "hold-" }),
    );
    for (const { Name } of Schedules)
      await aws.scheduler.send(new DeleteScheduleCommand({ GroupName, Name }));
    expect(await found("schedules")).toMatchObject([
      { verdict: "ok" },
      { verdict: "warning", found: expect.stringContaining("The pause of managed ends at") },
    ]);
    await aws.scheduler.send(new DeleteScheduleCommand({ GroupName, Name: "sluice-sweep" }));
    expect(await problems("schedules")).toBe("The sweeper's schedule is missing");
    await stack.admin.api.resumeFlow({ flowId: "managed", ifMatch: "any", body: {} });
  });

  it.each([
    ["StartExecution", /did not start: it is pending/],
    ["SendTaskSuccess", /did not complete after its resume: it is running/],
  ])("executions that cannot go on, since %s fails", async (operation, what) => {
    const fault = {
      service: "states",
      operation,
      when: "before",
      probability: 1,
      error: "AccessDeniedException",
    };
    await stack.admin.expect([200, 201], "POST", "/local/faults", fault);
    const message = await problems("run");
    expect(message).toMatch(what);
    expect((await stack.admin.flows()).map(({ flowId }) => flowId)).toEqual(["orders", "managed"]);
  });

  it("a missing state machine of drains", async () => {
    expect(await verdicts("loops")).toEqual(["ok"]);
    const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:sluice-drain";
    await aws.states.send(new DeleteStateMachineCommand({ stateMachineArn }));
    expect(await problems("loops")).toMatch(/^The state machine sluice-drain is (missing|deleting)$/);
  });

  it("a missing function, and one whose update failed", async () => {
    const missing = Object.assign(new Error("gone"), { name: "ResourceNotFoundException" });
    const lambda = except(aws.lambda, {
      GetFunction: ({ input }: { input: { FunctionName: string } }) => {
        if (input.FunctionName === functions.park.name) throw missing;
        if (input.FunctionName !== functions.drain.name) return undefined;
        return { Configuration: { ...input, LastUpdateStatus: "Failed", LastUpdateStatusReason: "no room" } };
      },
    });
    expect(await problems("functions", { services: { lambda } })).toBe(
      "The function sluice-park is missing\nsluice-drain: no room",
    );
  });

  it("missing state machines of loops, whose stack has the name of the instance", async () => {
    const [drain] = await found("loops", { instance: "orders" });
    expect(drain).toMatchObject({
      found: "The state machine orders-drain is missing",
      todo: "Deploy orders-workflow again",
    });
  });

  it("a table that is gone, or lacks an index", async () => {
    const dynamodb = except(aws.dynamodb as DynamoDBClient, {
      DescribeTable: () => ({
        Table: { TableStatus: "ARCHIVED", GlobalSecondaryIndexes: [{ IndexName: "due" }] },
      }),
    });
    const message = await problems("table", { services: { dynamodb } });
    expect(message).toMatch(/index byFlow is missing/);
    expect(message).toMatch(/The table is ARCHIVED/);
    const DescribeTable = () => {
      throw Object.assign(new Error("gone"), { name: "ResourceNotFoundException" });
    };
    const gone = except(aws.dynamodb as DynamoDBClient, { DescribeTable });
    expect(await problems("table", { services: { dynamodb: gone } })).toBe("The table sluice is missing");
  });

  it("a role that lost an action, by an organization's policy", async () => {
    const Role = "arn:aws:iam::000000000000:role/gate";
    const lambda = except(aws.lambda, {
      GetFunction: ({ input }: { input: { FunctionName: string } }) =>
        input.FunctionName === functions.gate.name
          ? { Configuration: { ...input, Role } }
          : { Configuration: input },
    });
    const iam = except(aws.iam, {
      SimulatePrincipalPolicy: ({ input }: { input: { ActionNames: string[] } }) => ({
        EvaluationResults: input.ActionNames.map((EvalActionName) => ({
          EvalActionName,
          EvalDecision: EvalActionName === "dynamodb:PutItem" ? "explicitDeny" : "allowed",
          OrganizationsDecisionDetail: { AllowedByOrganizations: false },
        })),
      }),
    });
    const [finding] = await found("grants", { services: { lambda, iam } });
    expect(finding).toMatchObject({
      verdict: "problem",
      found: expect.stringMatching(/role of sluice-gate may not dynamodb:PutItem on .*:table\/sluice$/),
      todo: expect.stringContaining("service control policy"),
    });
  });

  it("the quotas of a new account", async () => {
    const account = (ConcurrentExecutions: number) => ({
      GetAccountSettings: () => ({
        AccountLimit: { ConcurrentExecutions, UnreservedConcurrentExecutions: ConcurrentExecutions },
      }),
    });
    const rates = (start: number, transition: number, history: number) =>
      service(ServiceQuotasClient, {
        ListServiceQuotas: {
          Quotas: [
            { QuotaName: "StartExecution throttle token refill rate per second", Value: start },
            { QuotaName: "StateTransition throttle token refill rate per second", Value: transition },
            { QuotaName: "GetExecutionHistory throttle token refill rate per second", Value: history },
          ],
        },
      });
    const lambda = except(aws.lambda, account(10));
    const poor = { lambda, quotas: rates(300, 20, 20) };
    expect(await problems("quotas", { services: poor })).toBe(
      "Lambda runs 10 functions at a time, 10 of them unreserved: gates will wait\nStep Functions allows 20 state transitions a second",
    );
    const rich = { lambda: except(aws.lambda, account(1_000)), quotas: rates(300, 5_000, 20) };
    expect(await verdicts("quotas", { services: rich })).toEqual(["ok", "ok", "ok", "ok"]);
  });

  it("a failed stack, CloudFront that was refused, and a full policy for logs", async () => {
    const names = ["data", "workflow", "schedule", "api", "alarms"].map((name) => `sluice-${name}`);
    const cloudformation = service(CloudFormationClient, {
      DescribeStacks: {
        Stacks: [
          ...names.slice(1).map((StackName) => ({ StackName, StackStatus: "UPDATE_COMPLETE" })),
          { StackName: "sluice-console", StackStatus: "ROLLBACK_COMPLETE" },
        ],
      },
      DescribeStackResources: {
        StackResources: [{ ResourceType: "AWS::S3::Bucket", PhysicalResourceId: "b" }],
      },
    });
    const logs = service(CloudWatchLogsClient, {
      DescribeResourcePolicies: {
        resourcePolicies: [
          { policyName: "small", policyDocument: "x".repeat(900) },
          { policyName: "full", policyDocument: "x".repeat(5_110) },
        ],
      },
    });
    const services = { cloudformation, cloudfront: service(CloudFrontClient, {}), logs };
    expect(await problems("stacks", { services })).toBe(
      "The stack sluice-data is missing\nThe stack sluice-console is ROLLBACK_COMPLETE",
    );
    expect(await problems("console", { services })).toBe("The stack sluice-console has no distribution");
    expect(await problems("logs", { services })).toBe(
      "The resource policy full for logs has 5110 of 5120 characters",
    );
  });

  it("and a missing permission of the deployer's own is not taken for one", async () => {
    const denied = Object.assign(new Error("not authorized to perform: logs:DescribeResourcePolicies"), {
      name: "AccessDeniedException",
    });
    expect(
      await found("logs", {
        services: { logs: service(CloudWatchLogsClient, { DescribeResourcePolicies: denied }) },
      }),
    ).toEqual([
      {
        check: "logs",
        verdict: "unchecked",
        found: expect.stringContaining("not authorized to perform: logs:DescribeResourcePolicies"),
        todo: "Use the deployer's credentials",
      },
    ]);
  });
});
