import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { DefinitionBody } from "aws-cdk-lib/aws-stepfunctions";
import { describe, expect, it } from "vitest";
import { allowInlineGate, grantSluice, PausableStateMachine, SluiceFlow } from "../../../infra/deployers.ts";
import { decides, type Statement } from "../synth/policy.ts";
import { synthesize } from "../synth/synthesized.ts";

type Resources = Readonly<Record<string, { readonly Properties?: unknown }>>;

const statementsIn = (policies: Resources, role: RegExp): Statement[] =>
  Object.values(policies)
    .map(({ Properties }) => Properties as { Roles: unknown; PolicyDocument: { Statement: Statement[] } })
    .filter(({ Roles }) => role.test(JSON.stringify(Roles)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

describe("a state machine's role", () => {
  const stack = new Stack(new App(), "team");
  const role = new Role(stack, "machine", { assumedBy: new ServicePrincipal("states.amazonaws.com") });
  grantSluice(role, { workspace: "acme" });
  const statements = statementsIn(
    Template.fromStack(stack).findResources("AWS::IAM::Policy") as Resources,
    /machine/,
  );
  const may = (name: string): boolean =>
    decides(statements, {
      action: "lambda:InvokeFunction",
      resource: `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
      context: {},
    });

  it("may call the gates of its workspace, but not those of another or the functions themselves", () => {
    expect(["sluice-gate:ws-acme", "sluice-park:ws-acme"].filter(may).length).toBe(2);
    expect(
      [
        "sluice-gate",
        "sluice-gate:$LATEST",
        "sluice-gate:ws-umbrella",
        "sluice-park:ws-acme2",
        "sluice-human-step:ws-acme",
        "sluice-publish",
        "billing-gate:ws-acme",
      ].filter(may),
    ).toEqual([]);
  });
});

describe("a team's app with the instance of Sluice in its context", () => {
  const stack = new Stack(
    new App({ builtinCloudFormationValidation: false, context: { instance: "billing" } }),
    "team",
  );
  const sluice = { workspace: "acme", flowId: "orders" };
  const definition = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 1, End: true } } };
  new PausableStateMachine(stack, "Orders", {
    definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
    sluice,
  });
  new SluiceFlow(stack, "Managed", { ...sluice, definition });
  new SluiceFlow(stack, "Other", { ...sluice, definition, instance: "staging" });
  const code = new LambdaFunction(stack, "inline", {
    code: Code.fromInline("exports.handler = async () => {};"),
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
  });
  allowInlineGate(code, { workspace: "acme" });
  const template = Template.fromStack(stack);

  it("calls that instance, unless a construct names another one", () => {
    const tokens = Object.values(template.toJSON().Resources as Resources)
      .map(({ Properties }) => JSON.stringify((Properties as { ServiceToken?: unknown })?.ServiceToken))
      .flatMap((token) => /function:[^"]+/.exec(token ?? "") ?? []);
    expect(tokens.sort()).toEqual([
      ...["function:billing-register:ws-acme", "function:billing-register:ws-acme"],
      ...["function:billing-register:ws-acme", "function:staging-register:ws-acme"],
    ]);
    const policies = JSON.stringify(template.findResources("AWS::IAM::Policy"));
    for (const name of ["function:billing-gate:ws-acme", "function:billing-park:ws-acme", "table/billing"])
      expect(policies).toContain(`:${name}"`);
    expect(policies).not.toContain("sluice-");
  });
});

describe("with machines that workspaces may attach", () => {
  const deployment = synthesize({
    attachable: { acme: ["orders-*"], umbrella: ["billing"] },
    stepLogs: { acme: ["charge-*"], umbrella: ["ship"] },
  });
  const policies = deployment.resources("AWS::IAM::Policy");
  const machine = (name: string) => `arn:aws:states:eu-west-1:111122223333:stateMachine:${name}`;
  const execution = (name: string) => `arn:aws:states:eu-west-1:111122223333:execution:${name}:by-hand`;
  const may = (role: RegExp, action: string, resource: string): boolean =>
    decides(statementsIn(policies, role), { action: `states:${action}`, resource, context: {} });

  it("only the function that answers reads may read logs, and only of the functions that are named", () => {
    const reads = (role: RegExp, name: string) =>
      decides(statementsIn(policies, role), {
        action: "logs:FilterLogEvents",
        resource: `arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/${name}:log-stream:`,
        context: {},
      });
    expect(["charge-card", "ship"].map((name) => reads(/readrole/, name))).toEqual([true, true]);
    for (const name of ["ship-it", "recharge-card", "sluice-gate"])
      expect(reads(/readrole/, name)).toBe(false);
    for (const role of [/controlrole/, /attachrole/, /gaterole/]) expect(reads(role, "ship")).toBe(false);
  });

  it("each workspace has an alias of the gate, the park, the registration of templates and the intake", () => {
    const { resources } = synthesize({ attachable: { acme: ["orders-*"], guests: ["billing"] } });
    for (const [workspace, aliases] of [
      ["acme", resources("AWS::Lambda::Alias")],
      // It brings its own role, so `workspaces` does not list it.
      ["guests", resources("AWS::Lambda::Alias")],
      ["umbrella", deployment.resources("AWS::Lambda::Alias")],
    ] as const) {
      const own = Object.entries(aliases).filter(
        ([, { Properties }]) => Properties["Name"] === `ws-${workspace}`,
      );
      expect(own.map(([id]) => id).sort()).toEqual(
        ["gate", "intake", "park", "register"].map((key) => `sluice-workflow/${key}of${workspace}`),
      );
    }
    expect(Object.keys(deployment.resources("AWS::Lambda::Alias"))).toHaveLength(8);
  });

  it("only the function that attaches may change them, and none may give them another role", () => {
    expect(may(/attachrole/, "UpdateStateMachine", machine("orders-eu"))).toBe(true);
    for (const name of ["payroll", "order", "billing2", "sluice-acme-abcdefghijklmnop"])
      expect(may(/attachrole/, "UpdateStateMachine", machine(name))).toBe(false);
    for (const role of [
      /registerrole/,
      /publishrole/,
      /controlrole/,
      /dispatchrole/,
      /readrole/,
      /holdsrole/,
    ])
      expect(may(role, "UpdateStateMachine", machine("orders-eu"))).toBe(false);
    const passing = statementsIn(policies, /attachrole/).filter((one) =>
      JSON.stringify(one).includes("PassRole"),
    );
    // Schedules, which end the holds of incidents, have a role of their own.
    expect(passing).toMatchObject([
      { Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } } },
    ]);
  });

  it("only attaching, detaching and their repair may move aliases, and only those of these machines", () => {
    const moves = (role: RegExp, name: string) => may(role, "UpdateStateMachineAlias", machine(name));
    for (const role of [/attachrole/, /sweeprole/]) {
      expect(moves(role, "orders-eu:live")).toBe(true);
      expect(may(role, "PublishStateMachineVersion", machine("orders-eu"))).toBe(true);
      for (const name of ["payroll:live", "billing2:live", "sluice-acme-abcdefghijklmnop:live"])
        expect(moves(role, name)).toBe(false);
    }
    for (const role of [/readrole/, /holdsrole/, /registerrole/, /publishrole/, /controlrole/])
      expect(moves(role, "orders-eu:live")).toBe(false);
    // Drift looks at aliases.
    for (const role of [/readrole/, /holdsrole/])
      expect(may(role, "DescribeStateMachineAlias", machine("billing:live"))).toBe(true);
  });

  it("the function that registers templates may read them, but not their executions", () => {
    expect(may(/registerrole/, "DescribeStateMachine", machine("orders-eu"))).toBe(true);
    for (const action of ["StartExecution", "ListExecutions"])
      expect(may(/registerrole/, action, machine("orders-eu"))).toBe(false);
    expect(may(/registerrole/, "GetExecutionHistory", execution("orders-eu"))).toBe(false);
    expect(may(/registerrole/, "DescribeStateMachine", machine("payroll"))).toBe(false);
  });

  it("functions may do to their executions what they may do to those of Sluice's machines", () => {
    expect(may(/dispatchrole/, "StartExecution", machine("billing"))).toBe(true);
    expect(may(/controlrole/, "StopExecution", execution("orders-eu"))).toBe(true);
    expect(may(/gaterole/, "DescribeExecution", execution("billing"))).toBe(true);
    // A run that ends gives its slot to the next one, whose execution the gate may have to stop.
    expect(may(/gaterole/, "StopExecution", execution("billing"))).toBe(true);
    for (const role of [/controlrole/, /gaterole/])
      expect(may(role, "StopExecution", execution("payroll"))).toBe(false);
    expect(may(/waitrole/, "DescribeExecution", execution("billing"))).toBe(true);
    for (const role of [/waitrole/, /readrole/, /registerrole/, /holdsrole/])
      expect(may(role, "StopExecution", execution("billing"))).toBe(false);
  });

  it("the ends of their executions reach Sluice", () => {
    const rules = JSON.stringify(deployment.resources("AWS::Events::Rule"));
    for (const name of ["billing", "orders-*"]) expect(rules).toContain(`:stateMachine:${name}"`);
    expect(rules.match(/"wildcard"/g)?.length).toBe(2);
  });
});

describe("without state machines to attach", () => {
  it("no alias of the gate and no permission is deployed", () => {
    const { resources } = synthesize();
    // Each workspace can publish flows of templates, and has triggers.
    expect(Object.keys(resources("AWS::Lambda::Alias")).sort()).toEqual(
      ["intakeofacme", "intakeofumbrella", "registerofacme", "registerofumbrella"].map(
        (id) => `sluice-workflow/${id}`,
      ),
    );
    const text = JSON.stringify([resources("AWS::IAM::Policy"), resources("AWS::Events::Rule")]);
    expect(text).not.toMatch(/SimulatePrincipalPolicy|:ws-|"ws-/);
  });
});
