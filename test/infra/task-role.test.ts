import { describe, expect, it } from "vitest";
import { functions } from "../../infra/functions.ts";
import { compileVersion } from "../../shared/domain/flows/compile-version.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import { decides, deployed, policyOf, trusts } from "./synth/policy.ts";
import { synthesize } from "./synth/synthesized.ts";

const stacks = synthesize();
const HERE = "eu-west-1:111122223333";
const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const SHARED_ROLE = "sluice-flows";
const machineRoleOf = (workspace: string) => `sluice-flows-${workspace}`;
const machineRole = policyOf(stacks, machineRoleOf("acme"));

const functionArn = (name: string, where = HERE) => `arn:aws:lambda:${where}:function:${name}`;
/** Whether a role with this policy may invoke a function that has these tags. */
const invokes = (
  policy: typeof machineRole,
  resource: string,
  tags: Readonly<Record<string, string>> = {},
): boolean =>
  decides(policy, {
    action: "lambda:InvokeFunction",
    resource,
    context: Object.fromEntries(
      Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
    ),
  });
const tagged = (workspace: string) => ({ "sluice:workspace": workspace, team: "any" });

describe.each([
  ["acme", "umbrella"],
  ["umbrella", "acme"],
])("the resources that flows of %s may use", (own, other) => {
  const policy = policyOf(stacks, `sluice-task-${own}`);

  it.each(["charge", "charge:7", "charge:live", "my-sluice-charge"])(
    "%s, if it is tagged for the workspace",
    (name) => {
      expect(invokes(policy, functionArn(name), tagged(own))).toBe(true);
    },
  );

  it.each(["charge", "charge:live"])(
    "not %s, if it is tagged for another workspace or not tagged",
    (name) => {
      const others = [tagged(other), tagged("*"), tagged(`${own}-2`), tagged(""), { workspace: own }, {}];
      for (const tags of others)
        expect(invokes(policy, functionArn(name), tags), JSON.stringify(tags)).toBe(false);
    },
  );

  it("not in another region or account, whatever the tags there", () => {
    for (const where of ["us-east-1:111122223333", "eu-west-1:999999999999"])
      expect(invokes(policy, functionArn("charge", where), tagged(own))).toBe(false);
  });

  it("never Sluice's own functions, tagged or not, with any qualifier", () => {
    for (const { name } of Object.values(functions))
      for (const qualifier of ["", ":1", ":live", ":$LATEST"])
        for (const tags of [tagged(own), {}])
          expect(invokes(policy, functionArn(name + qualifier), tags), name).toBe(false);
  });

  it("and nothing else: no other call, no other role", () => {
    const context = { "aws:ResourceTag/sluice:workspace": own };
    const requests: [string, string][] = [
      ["lambda:UpdateFunctionCode", functionArn("charge")],
      ["lambda:InvokeFunctionUrl", functionArn("charge")],
      ["lambda:TagResource", functionArn("charge")],
      ["sts:AssumeRole", roleArn(`sluice-task-${other}`)],
      ["sts:AssumeRole", roleArn(machineRoleOf(own))],
      ["iam:PassRole", roleArn(machineRoleOf(own))],
      ["dynamodb:GetItem", `arn:aws:dynamodb:${HERE}:table/sluice`],
      ["states:StartExecution", `arn:aws:states:${HERE}:stateMachine:sluice-${other}-abc`],
      ["states:SendTaskSuccess", `arn:aws:states:${HERE}:stateMachine:sluice-${other}-abc`],
    ];
    for (const [action, resource] of requests)
      expect(decides(policy, { action, resource, context }), action).toBe(false);
  });

  it("only its own machines and those of earlier releases may assume the role", () => {
    const callers = [
      ...[machineRoleOf(own), SHARED_ROLE, machineRoleOf(other), machineRoleOf(`${own}-2`), "admin"],
      ...[`sluice-task-${other}`, "sluice-publish"],
    ];
    expect(callers.map((name) => trusts(stacks, `sluice-task-${own}`, roleArn(name)))).toEqual([
      ...[true, true, false, false, false, false, false],
    ]);
    const takes = (name: string) =>
      decides(policyOf(stacks, machineRoleOf(own)), { action: "sts:AssumeRole", resource: roleArn(name) });
    const roles = [
      `sluice-task-${own}`,
      `sluice-task-${other}`,
      `sluice-task-${own}-2`,
      SHARED_ROLE,
      "admin",
    ];
    expect(roles.map(takes)).toEqual([true, false, false, false, false]);
  });
});

describe("a compiled flow, task by task", () => {
  const publish = stacks.one("AWS::Lambda::Function", { FunctionName: "sluice-publish" });
  const { Variables } = publish.Properties["Environment"] as { Variables: Record<string, unknown> };
  const setting = (name: keyof typeof SETTINGS) => deployed(Variables[SETTINGS[name]]);
  const settings = {
    functions: {
      gate: setting("gateArn"),
      park: setting("parkArn"),
      humanStep: setting("humanStepArn"),
      continueAsNew: setting("handOverArn"),
    },
    taskRoleArn: setting("taskRoleArn"),
    allowedResources: [],
  };
  const call = (more: JsonObject = { End: true }): JsonObject => ({
    Type: "Task",
    Resource: functionArn("charge"),
    ...more,
  });
  const inside = (more: JsonObject = {}): JsonObject => ({ StartAt: "In", States: { In: call() }, ...more });
  const named = (name: string, machine: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(machine).replaceAll('"In"', JSON.stringify(name)));
  const DISTRIBUTED = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
  const invoke = {
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: functionArn("charge") },
  };
  const definition: JsonObject = {
    StartAt: "First",
    States: {
      First: call({ Next: "Callback" }),
      Callback: call({
        Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
        Parameters: { FunctionName: functionArn("charge"), Payload: { "token.$": "$$.Task.Token" } },
        Next: "Ask",
      }),
      Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "?" }, Next: "Fan" },
      Fan: {
        Type: "Parallel",
        Branches: [named("InFan", inside()), { StartAt: "Each", States: { Each: eachOf(inside()) } }],
        Next: "Far",
      },
      Far: { Type: "Map", ItemProcessor: named("InFar", inside(DISTRIBUTED)), Next: "Last" },
      Last: call({ ...invoke, Sluice: { Gate: "none" }, End: true }),
    },
  };
  const flow = { workspace: "acme", flowId: "order", incarnation: "abcdefghijklmnop" };
  const { compiled } = compileVersion(settings, flow, 1, definition);
  const found: JsonObject[] = [];
  JSON.stringify(compiled, (_key, value) => {
    if (value?.Type === "Task") found.push(value);
    return value;
  });
  const calledBy = ({ Resource, Arguments, Parameters }: JsonObject): string =>
    String(((Arguments ?? Parameters) as JsonObject | undefined)?.["FunctionName"] ?? Resource);

  it("the user's Tasks run with the workspace's role, which may call tagged functions", () => {
    const users = found.filter((task) => calledBy(task) === functionArn("charge"));
    expect(users).toHaveLength(6);
    for (const { Credentials } of users)
      expect(Credentials).toEqual({ RoleArn: roleArn("sluice-task-acme") });
    const policy = policyOf(stacks, "sluice-task-acme");
    expect(invokes(policy, functionArn("charge"), tagged("acme"))).toBe(true);
  });

  it("Sluice's Tasks run with the machines' role, which may call only Sluice's functions", () => {
    const ours = found.filter((task) => calledBy(task) !== functionArn("charge"));
    expect(new Set(ours.map(calledBy))).toEqual(
      new Set([functions.gate.name, functions.park.name, functions.humanStep.name]),
    );
    for (const task of ours) expect(task).not.toHaveProperty("Credentials");
    for (const key of ["gate", "park", "humanStep"] as const)
      expect(invokes(machineRole, functionArn(functions[key].name)), key).toBe(true);
    for (const tags of [tagged("acme"), tagged("umbrella"), {}])
      expect(invokes(machineRole, functionArn("charge"), tags)).toBe(false);
  });

  it("children of a Distributed Map can be started only on Sluice's machines", () => {
    const may = (action: string, resource: string) =>
      decides(machineRole, { action, resource: `arn:aws:states:${HERE}:${resource}` });
    expect(may("states:StartExecution", "stateMachine:sluice-acme-abcdefghijklmnop")).toBe(true);
    for (const action of ["states:DescribeExecution", "states:StopExecution"])
      expect(may(action, "execution:sluice-acme-abcdefghijklmnop/Far:5f0c")).toBe(true);
    expect(may("states:StartExecution", "stateMachine:sluice-umbrella-abcdefghijklmnop")).toBe(false);
    expect(may("states:StartExecution", "stateMachine:payroll")).toBe(false);
    expect(may("states:StopExecution", "execution:payroll:1")).toBe(false);
  });

  function eachOf(processor: JsonObject): JsonObject {
    return { Type: "Map", ItemProcessor: processor, End: true };
  }
});
