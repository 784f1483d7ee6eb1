import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { App, CfnParameter, Duration, Stack } from "aws-cdk-lib";
import { Template as Assertions } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import {
  Chain,
  Choice,
  Condition,
  DefinitionBody,
  FileDefinitionBody,
  LogLevel,
  Map as MapState,
  Parallel,
  Pass,
  StateMachine,
  type StateMachineProps,
  StateMachineType,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import { LambdaInvoke } from "aws-cdk-lib/aws-stepfunctions-tasks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PausableStateMachine } from "../../../infra/deployers.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { CloudFormation, orderOf, type Template } from "../../harness/stack/cloudformation.ts";
import { runOf, Team, TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { findings } from "../../infra/synth/nag.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-team-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ORDERS = join(folder, "orders.asl.json");
writeFileSync(
  ORDERS,
  `{
  "StartAt": "Charge",
  "States": {
    "Charge": { "Type": "Task", "Resource": "\${Charge}", "TimeoutSeconds": \${Limit}, "Next": "Ship" },
    "Ship": { "Type": "Task", "Resource": "arn:\${Partition}:lambda:us-east-1:000000000000:function:ship", "End": true }
  }
}`,
);

type Make = (scope: Stack, id: string, props: StateMachineProps, flowId: string) => StateMachine;
const pausable: Make = (scope, id, props, flowId) =>
  new PausableStateMachine(scope, id, { ...props, sluice: { workspace: "demo", flowId } });
/** Its file is in the template, since there is no bucket. */
const plain: Make = (scope, id, { definitionBody, ...props }) => {
  const text = definitionBody instanceof FileDefinitionBody ? readFileSync(definitionBody.path, "utf8") : "";
  const body = text === "" ? definitionBody : DefinitionBody.fromString(text);
  return new StateMachine(scope, id, { ...props, ...(body && { definitionBody: body }) });
};

/** Makes a definition so long that it is compressed for the registration. */
const LONG = "Long. ".repeat(10_000);

/** A team's own app: one machine is a file with substitutions, the other one has nested states. */
const teamStack = (make: Make): Stack => {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), "team");
  const made = (name: string) =>
    new LambdaFunction(stack, name, {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromInline("exports.handler = async (event) => event;"),
    });
  const [charge, ship, pack] = [made("charge"), made("ship"), made("pack")];
  const limit = new CfnParameter(stack, "Limit", { type: "Number", default: 60 });
  const observed = {
    tracingEnabled: true,
    logs: { destination: new LogGroup(stack, "log"), level: LogLevel.ALL },
  };
  const orders = make(
    stack,
    "Orders",
    {
      ...observed,
      definitionBody: DefinitionBody.fromFile(ORDERS),
      definitionSubstitutions: {
        Charge: charge.functionArn,
        Limit: limit.valueAsString,
        Partition: stack.partition,
      },
    },
    "orders",
  );
  for (const called of [charge, ship]) called.grantInvoke(orders);
  const step = (id: string, lambdaFunction: LambdaFunction) =>
    new LambdaInvoke(stack, id, { lambdaFunction, payloadResponseOnly: true, resultPath: "$.done" });
  const each = new MapState(stack, "Each", { itemsPath: "$.items", resultPath: "$.packed" }).itemProcessor(
    step("Pack", pack).next(
      new Parallel(stack, "Both").branch(step("Label", pack), new Pass(stack, "Nothing")),
    ),
  );
  const nested = Chain.start(each)
    .next(new Wait(stack, "Breathe", { time: WaitTime.duration(Duration.seconds(1)) }))
    .next(
      new Choice(stack, "Urgent")
        .when(Condition.isPresent("$.urgent"), new Pass(stack, "Now", { comment: LONG }))
        .otherwise(step("Later", ship)),
    );
  make(stack, "Parcels", { ...observed, definitionBody: DefinitionBody.fromChainable(nested) }, "parcels");
  return stack;
};

const template = (make: Make = pausable): Template =>
  Assertions.fromStack(teamStack(make)).toJSON() as Template;

describe("the template of a team's own app with two pausable state machines", () => {
  const made = template();
  const ids = (type: string) =>
    Object.entries(made.Resources).flatMap(([id, { Type }]) => (Type === type ? [id] : []));
  const order = orderOf(made);
  const place = (id: string | undefined) => order.indexOf(String(id));

  it("registers each before its machine and binds it afterwards, once its role may call the gates", () => {
    const machines = ids("AWS::StepFunctions::StateMachine");
    expect(machines.length).toBe(2);
    for (const machine of machines) {
      const name = machine.startsWith("Orders") ? "Orders" : "Parcels";
      const find = (type: string, part: string) => ids(type).find((id) => id.startsWith(`${name}${part}`));
      const registration = find("Custom::SluiceRegistration", "Registration");
      const binding = find("Custom::SluiceBinding", "Binding");
      const policy = find("AWS::IAM::Policy", "RoleDefaultPolicy");
      for (const id of [registration, binding, policy]) expect(place(id)).toBeGreaterThanOrEqual(0);
      expect(place(registration)).toBeLessThan(place(machine));
      expect(place(machine)).toBeLessThan(place(binding));
      expect(place(policy)).toBeLessThan(place(binding));
      expect(JSON.stringify(made.Resources[policy ?? ""])).toMatch(/:function:sluice-gate:ws-demo/);
      expect(made.Resources[machine]?.Properties?.["Tags"]).toEqual([
        { Key: "sluice:workspace", Value: "demo" },
      ]);
      const token = JSON.stringify(made.Resources[registration ?? ""]?.Properties?.["ServiceToken"]);
      expect(token).toContain(":function:sluice-register:ws-demo");
    }
  });

  it("is the same each time, and has one text whatever the account is", () => {
    expect(template()).toEqual(made);
    for (const id of ids("AWS::StepFunctions::StateMachine"))
      expect(typeof made.Resources[id]?.Properties?.["DefinitionString"]).toBe("string");
  });

  it("has no finding of the AwsSolutions rules that a StateMachine does not have", () => {
    expect(findings(teamStack(pausable))).toEqual(findings(teamStack(plain)));
  });

  it("may use the functions of another stack, and compresses a long definition", () => {
    const app = new App({ builtinCloudFormationValidation: false });
    const [shared, team] = [new Stack(app, "shared"), new Stack(app, "team")];
    const charge = new LambdaFunction(shared, "charge", {
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromInline("exports.handler = async (event) => event;"),
    });
    const step = new LambdaInvoke(team, "Charge", { lambdaFunction: charge, comment: LONG });
    pausable(team, "Orders", { definitionBody: DefinitionBody.fromChainable(step) }, "orders");
    const { Resources } = Assertions.fromStack(team).toJSON() as Template;
    const propertiesOf = (type: string) =>
      Object.values(Resources).find(({ Type }) => Type === type)?.Properties ?? {};
    const { DefinitionString, DefinitionSubstitutions } = propertiesOf("AWS::StepFunctions::StateMachine");
    const { DeflatedDefinition, Definition, Substitutions } = propertiesOf("Custom::SluiceRegistration");
    const imported = Object.entries(Substitutions as object).find(([, value]) => "Fn::ImportValue" in value);
    expect(DefinitionString).toContain(`\${${imported?.[0]}}`);
    expect(DefinitionSubstitutions).toMatchObject(Substitutions as object);
    expect(Definition).toBeUndefined();
    const inflated = inflateRawSync(Buffer.from(String(DeflatedDefinition), "base64")).toString("utf8");
    expect(JSON.parse(inflated).States.Charge.Comment).toBe(LONG);
  });

  it("refuses what cannot be paused, and names the state", () => {
    const stack = () => new Stack(new App({ builtinCloudFormationValidation: false }), "team");
    const start = (scope: Stack) => DefinitionBody.fromChainable(new Pass(scope, "Start"));
    const express = stack();
    expect(() =>
      pausable(
        express,
        "Fast",
        { stateMachineType: StateMachineType.EXPRESS, definitionBody: start(express) },
        "fast",
      ),
    ).toThrow(/^team\/Fast: An EXPRESS state machine cannot be paused/);
    const misnamed = stack();
    expect(() => pausable(misnamed, "Orders", { definitionBody: start(misnamed) }, "My orders")).toThrow(
      /sluice\.flowId/,
    );
    const wrong = (text: string, substitutions?: Record<string, string>) => {
      const scope = stack();
      pausable(
        scope,
        "Orders",
        {
          definitionBody: DefinitionBody.fromString(text),
          ...(substitutions && { definitionSubstitutions: substitutions }),
        },
        "orders",
      );
      return () => Assertions.fromStack(scope);
    };
    const next = `{"StartAt": "Charge", "States": {"Charge": {"Type": "Pass", "Next": "\${Next}"}}}`;
    expect(wrong(next, { Next: "Shop" })).toThrow(/\[team\/Orders\] States\.Charge\.Next: .*"Shop"/);
    const open = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "\${Gone}", "End": true}}}`;
    expect(wrong(open)).toThrow(/\[team\/Orders\] \$\{Gone\} has no value/);
    expect(wrong("{")).toThrow(/\[team\/Orders\] Line 1 of the definition/);
  });
});

describe("the app, deployed", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let cloud: CloudFormation;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("charge", "ship", "pack");
    cloud = new CloudFormation(stack.url);
    team = new Team(stack.url);
    await cloud.deploy(template());
  });
  afterAll(() => stack.close());

  const machineOf = (name: string) =>
    new TeamMachine(team.client, cloud.refOf("AWS::StepFunctions::StateMachine", name));
  const flowOf = (flowId: string) => stack.operator.expect<Flow>([200], "GET", `/flows/${flowId}`);

  /** Pauses the run of an execution in the first call of a function, and resumes it once it is parked. */
  const pausedAndResumed = async (machine: TeamMachine, input: object, first: string) => {
    const { functions, operator } = stack;
    functions.block(first);
    const calls = functions.count(first);
    const arn = await machine.start(JSON.parse(JSON.stringify(input)));
    await eventually(() => functions.count(first) > calls || undefined);
    const { runId } = await runOf(operator, arn);
    await operator.expect([200], "POST", `/runs/${runId}/pause`, {});
    functions.release(first);
    await operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect((await machine.execution(arn)).status).toBe("RUNNING");
    await operator.expect([200], "POST", `/runs/${runId}/resume`, {});
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    return operator.untilStatus(runId, "completed");
  };

  it("pauses and resumes the runs of both machines", async () => {
    const orders = await flowOf("orders");
    expect(orders).toMatchObject({ kind: "attached", version: 1, stateMachineArn: machineOf("Orders").arn });
    expect(orders.drift).toBeUndefined();
    expect(await pausedAndResumed(machineOf("Orders"), { n: 1 }, "charge")).toMatchObject({
      ...{ flowId: "orders", payload: { n: 1 } },
    });
    const parcel = await pausedAndResumed(machineOf("Parcels"), { items: [{ n: 1 }, { n: 2 }] }, "pack");
    expect(parcel.flowId).toBe("parcels");
    const names = (await stack.operator.steps(parcel.runId)).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(["Each", "Pack", "Both", "Label", "Breathe", "Later"]));
  });

  it("belongs to its stack: nobody else attaches or detaches its machines", async () => {
    const refused = await stack.admin.call("POST", "/flows/orders/detach", {});
    expect([refused.status, refused.body.code]).toEqual([409, "attach_refused"]);
    expect(refused.body.detail).toContain("stack/team/");
    const adopt = { stateMachineArn: machineOf("Orders").arn };
    expect((await stack.admin.call("POST", "/flows/mine/attach", adopt)).body.code).toBe("attach_refused");
  });

  it("gets a version by the next deployment, and goes back by a plain StateMachine", async () => {
    const text = `{"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource": "\${Charge}", "End": true}}}`;
    const before = template();
    writeFileSync(ORDERS, text);
    await cloud.deploy(template());
    expect(await flowOf("orders")).toMatchObject({ version: 2 });
    expect((await flowOf("parcels")).version).toBe(1);
    await pausedAndResumed(machineOf("Orders"), {}, "charge");
    // A rollback of the stack.
    await cloud.deploy(before);
    expect(await flowOf("orders")).toMatchObject({ version: 1 });
    expect((await flowOf("orders")).drift).toBeUndefined();

    await cloud.deploy(template(plain));
    expect(await flowOf("orders")).toMatchObject({ kind: "managed", version: 0 });
    expect(JSON.parse(await machineOf("Orders").text())).not.toHaveProperty("States.Sluice end");
    const count = (await new FlowClient(stack.operator, "orders").runs()).length;
    const arn = await machineOf("Orders").start({});
    expect(await machineOf("Orders").ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    expect((await new FlowClient(stack.operator, "orders").runs()).length).toBe(count);
    await stack.admin.expect([204], "DELETE", "/flows/orders");
  });

  it("fails the deployment, with the reason, where a machine cannot be bound", async () => {
    const other = new CloudFormation(stack.url);
    const one = teamStack(pausable);
    const made = Assertions.fromStack(one).toJSON() as Template;
    await stack.admin.expect([201], "PUT", "/flows/orders", {
      definition: { StartAt: "A", States: { A: { Type: "Succeed" } } },
    });
    await expect(other.deploy(made)).rejects.toThrow(/The flow orders is published to Sluice/);
    // The failed creation leaves nothing of Sluice's behind that could prevent the deletion.
    await other.delete();
    expect(await flowOf("orders")).toMatchObject({ kind: "managed", version: 1 });
  });
});
