import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { expect, it } from "vitest";
import { allowInlineGate } from "../../infra/constructs/inline-gate.ts";
import { keys } from "../../shared/store/keys.ts";
import { decides, type Statement } from "./synth/policy.ts";

const stack = new Stack(new App(), "users");
const user = new LambdaFunction(stack, "charge", {
  runtime: Runtime.NODEJS_24_X,
  handler: "index.handler",
  code: Code.fromInline("exports.handler = async () => undefined;"),
});
allowInlineGate(user, { workspace: "acme" });
const template = Template.fromStack(stack);
const [policy] = Object.values(template.findResources("AWS::IAM::Policy"));
const statements: Statement[] = policy?.["Properties"].PolicyDocument.Statement;

const TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/sluice";
const may = (action: string, { PK }: { PK: string }, resource = TABLE): boolean =>
  decides(statements, {
    action: `dynamodb:${action}`,
    resource,
    context: { "dynamodb:LeadingKeys": PK },
  });
const VERBS = [
  "GetItem",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "Query",
  "BatchWriteItem",
  "BatchGetItem",
  "Scan",
];
const allowed = (key: { PK: string }): string[] => VERBS.filter((action) => may(action, key));

it("sets the table's name in the function's environment", () => {
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: { SLUICE_TABLE: "sluice" } },
  });
});

it("grants exactly the gate's calls on the workspace's runs", () => {
  const ofRun = [keys.run("acme", "r-1"), keys.step("acme", "r-1", "s"), keys.output("acme", "r-1")];
  for (const key of ofRun) expect(allowed(key)).toEqual(["GetItem", "PutItem", "UpdateItem"]);
});

it("grants reading holds, members and settings, but not writing them", () => {
  const read = [keys.hold("acme", "order", "i-1"), keys.member("acme", "ann"), keys.settings("acme")];
  for (const key of read) expect(allowed(key)).toEqual(["GetItem"]);
});

it("denies flows, queues, parks and meters, other workspaces, and every other table", () => {
  const closed = [
    keys.flow("acme", "order"),
    keys.queue("acme", "order", "i-1", 0, "t", "r-1"),
    keys.flowPark("acme", "order", "i-1", 0, "r-1", "h"),
    keys.meter("acme", "order", "i-1", "spend"),
    keys.bulk("acme", "b-1"),
    keys.run("umbrella", "r-1"),
    keys.run("acme-2", "r-1"),
    keys.hold("umbrella", "order", "i-1"),
    keys.member("umbrella", "ann"),
    keys.settings("acme-2"),
  ];
  for (const key of closed) expect(allowed(key), key.PK).toEqual([]);
  for (const table of [`${TABLE}-2`, `${TABLE}/index/due`, `${TABLE}/stream/1`])
    expect(VERBS.filter((action) => may(action, keys.run("acme", "r-1"), table))).toEqual([]);
});
