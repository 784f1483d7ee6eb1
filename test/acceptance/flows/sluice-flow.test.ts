import { App, Stack } from "aws-cdk-lib";
import { Template as Assertions } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SluiceFlow, type SluiceFlowProps } from "../../../infra/deployers.ts";
import type { Flow, FlowVersion } from "../../../shared/model/schemas/flow.ts";
import { CloudFormation, type Template } from "../../harness/stack/cloudformation.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { findings } from "../../infra/synth/nag.ts";

const YAML = `StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: \${Charge}
    TimeoutSeconds: \${Limit}
    End: true
`;

/** A team's app with a function and a flow that calls it. */
const teamStack = (
  props: Partial<SluiceFlowProps> | ((charge: LambdaFunction) => Partial<SluiceFlowProps>) = {},
): Stack => {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), "team");
  const charge = new LambdaFunction(stack, "charge", {
    functionName: "charge",
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = async (event) => event;"),
  });
  new SluiceFlow(stack, "Orders", {
    ...{ workspace: "demo", flowId: "orders", functions: [charge] },
    ...(typeof props === "function"
      ? props(charge)
      : { definition: YAML, substitutions: { Charge: charge.functionArn, Limit: "60" }, ...props }),
  });
  return stack;
};
const templateOf = (stack: Stack): Template => Assertions.fromStack(stack).toJSON() as Template;

describe("the template of an app with a flow", () => {
  const made = templateOf(teamStack({ name: "Orders", activate: false }));
  const [resource] = Object.values(made.Resources).filter(({ Type }) => Type === "Custom::SluiceFlow");

  it("publishes the flow by the workspace's alias, after the function that it calls", () => {
    expect(JSON.stringify(resource?.Properties?.["ServiceToken"])).toContain(
      ":function:sluice-register:ws-demo",
    );
    expect(resource?.Properties).toMatchObject({ FlowId: "orders", Name: "Orders", Activate: false });
    expect(resource?.Properties?.["Substitutions"]).toMatchObject({
      Charge: { "Fn::GetAtt": [expect.stringMatching(/^charge/), "Arn"] },
    });
    expect(resource?.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^charge/)]));
  });

  it("tags the functions for the workspace", () => {
    const [charge] = Object.values(made.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
    expect(charge?.Properties?.["Tags"]).toEqual([{ Key: "sluice:workspace", Value: "demo" }]);
  });

  it("warns of a function that it cannot tag", () => {
    const stack = teamStack((charge) => ({
      ...{ definition: YAML, substitutions: { Charge: charge.functionArn, Limit: "60" } },
      functions: [LambdaFunction.fromFunctionName(charge.stack, "shared", "shared")],
    }));
    const warnings = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata.map(({ data }) => String(data)));
    expect(warnings.join()).toContain("Tag it sluice:workspace=demo there");
  });

  it("has no finding of the AwsSolutions rules beside those of the function", () => {
    const ofFlow = findings(teamStack()).filter((finding) => finding.includes("/Orders"));
    expect(ofFlow).toEqual([]);
  });

  it.each([
    [{ definition: YAML.replace("End: true", "Next: Ship") }, /\[team\/Orders\] States\.Charge\.Next/],
    [{ substitutions: { Limit: "60" } }, /\[team\/Orders\] \$\{Charge\} has no value/],
    [{ definition: "{" }, /\[team\/Orders\] Line 1 of the definition/],
    [{ flowId: "My orders" }, /team\/Orders: flowId must have/],
    [{ file: "orders.asl.yaml" }, /team\/Orders: give either a definition or a file/],
  ] satisfies [Partial<SluiceFlowProps>, RegExp][])("is not synthesized with %j", (props, message) => {
    expect(() => templateOf(teamStack(props))).toThrow(message);
  });
});

describe("the app, deployed", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let cloud: CloudFormation;
  beforeAll(async () => {
    stack = await testStack("charge");
    cloud = new CloudFormation(stack.url);
  });
  afterAll(() => stack.close());
  const flow = () => stack.operator.expect<Flow>([200], "GET", "/flows/orders");
  const deploy = (props: Parameters<typeof teamStack>[0]) => cloud.deploy(templateOf(teamStack(props)));

  it("publishes versions, and goes back with the stack", async () => {
    await deploy({ name: "Orders", description: "From a stack" });
    expect(await flow()).toMatchObject({
      kind: "managed",
      version: 1,
      name: "Orders",
      description: "From a stack",
    });
    const { runId } = await stack.operator.expect<{ runId: string }>([202], "POST", "/flows/orders/runs", {
      payload: { n: 1 },
    });
    await stack.operator.untilStatus(runId, "completed");

    await deploy({ definition: YAML.replace("Charge:", "Charge: # a comment"), name: "All orders" });
    expect(await flow()).toMatchObject({ version: 1, name: "All orders" });
    const draft = {
      definition: YAML.replace("End: true", "TimeoutSeconds: 5\n    End: true").replace(/^.*Limit.*\n/m, ""),
    };
    await deploy({ ...draft, activate: false });
    expect(await flow()).toMatchObject({ version: 1 });
    await deploy(draft);
    expect(await flow()).toMatchObject({ version: 2 });
    // A rollback of the stack.
    await deploy({});
    expect(await flow()).toMatchObject({ version: 3 });
  });

  it("takes an object with values that only the deployment knows", async () => {
    await deploy((charge) => ({
      definition: {
        StartAt: "Charge",
        States: { Charge: { Type: "Task", Resource: charge.functionArn, End: true } },
      },
    }));
    const { definition } = await stack.operator.expect<FlowVersion>([200], "GET", "/flows/orders/versions/4");
    expect(definition).toMatchObject({
      States: { Charge: { Resource: expect.stringMatching(/:function:charge$/) } },
    });
  });

  it("fails the deployment with the reason, where the service refuses the flow", async () => {
    const other = teamStack({ flowId: "other", runAs: "system" });
    const template = templateOf(other);
    const broken = JSON.parse(JSON.stringify(template).replace("Type: Task", "Type: Tusk")) as Template;
    await expect(cloud.deploy(broken)).rejects.toThrow(/Type must be one of/);
    await stack.operator.expect([404], "GET", "/flows/other");
  });

  it.each([
    ["Custom::SluiceFlow", {}, /must have a Definition or a DeflatedDefinition/],
    ["Custom::SluiceFlow", { DeflatedDefinition: "AAAA" }, /DeflatedDefinition must be raw DEFLATE data/],
    ["Custom::SluiceTrigger", {}, /no resource of the type Custom::SluiceTrigger\. It has Custom::/],
  ])("answers the faulty resource %s %j with the reason", async (Type, given, reason) => {
    const Properties = { ServiceToken: "sluice-register:ws-demo", FlowId: "other", ...given };
    const faulty = new CloudFormation(stack.url);
    await expect(faulty.deploy({ Resources: { Faulty: { Type, Properties } } })).rejects.toThrow(reason);
    await stack.operator.expect([404], "GET", "/flows/other");
  });

  it("leaves the flow and its runs when the stack is deleted", async () => {
    await cloud.delete();
    expect(await flow()).toMatchObject({ version: 4 });
  });
});
