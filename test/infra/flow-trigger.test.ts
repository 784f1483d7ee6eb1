import { App, Duration, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { expect, test } from "vitest";
import { FlowTrigger } from "../../infra/deployers.ts";
import { findings } from "./synth/nag.ts";

const PROPS = { workspace: "acme", flowId: "orders" };
const stack = () => new Stack(new App(), "theirs");
const alias = Match.objectLike({
  "Fn::Join": Match.arrayWith([
    Match.arrayWith([Match.stringLikeRegexp(":function:sluice-intake:ws-acme$")]),
  ]),
});

test("a rule sends the whole event with the flow to the alias of the workspace, which it may invoke", () => {
  const theirs = stack();
  FlowTrigger.rule(theirs, "trigger", { ...PROPS, eventPattern: { source: ["shop"] } });
  const template = Template.fromStack(theirs);
  template.hasResourceProperties("AWS::Events::Rule", {
    EventPattern: { source: ["shop"] },
    Targets: [
      Match.objectLike({
        InputTransformer: { InputPathsMap: { f1: "$" }, InputTemplate: '{"flowId":"orders","event":<f1>}' },
      }),
    ],
  });
  template.hasResourceProperties("AWS::Lambda::Permission", {
    Principal: "events.amazonaws.com",
    FunctionName: alias,
  });
});

test("a pattern of Sluice's own events is refused, since their runs would cause more", () => {
  const own = { ...PROPS, eventPattern: { source: ["shop", "sluice"] } };
  expect(() => FlowTrigger.rule(stack(), "trigger", own)).toThrow("events of Sluice itself");
});

test("a queue's messages come through a pipe, with their ids", () => {
  const theirs = stack();
  const queue = new Queue(theirs, "queue", { visibilityTimeout: Duration.minutes(3) });
  FlowTrigger.queue(theirs, "trigger", { ...PROPS, queue });
  Template.fromStack(theirs).hasResourceProperties("AWS::Pipes::Pipe", {
    Target: alias,
    TargetParameters: {
      InputTemplate: '{"flowId":"orders","messageId":<$.messageId>,"body":<$.body>}',
      LambdaFunctionParameters: { InvocationType: "REQUEST_RESPONSE" },
    },
  });
});

test("a bucket tells EventBridge of its objects", () => {
  const theirs = stack();
  FlowTrigger.bucket(theirs, "trigger", { ...PROPS, bucket: new Bucket(theirs, "bucket") });
  Template.fromStack(theirs).hasResourceProperties("AWS::Events::Rule", {
    EventPattern: Match.objectLike({ source: ["aws.s3"], "detail-type": ["Object Created"] }),
  });
});

test("the AwsSolutions rules find nothing in what a trigger creates", () => {
  const theirs = stack();
  FlowTrigger.rule(theirs, "rule", { ...PROPS, eventPattern: { source: ["shop"] } });
  FlowTrigger.queue(theirs, "queue", { ...PROPS, queue: new Queue(theirs, "messages") });
  FlowTrigger.bucket(theirs, "bucket", { ...PROPS, bucket: new Bucket(theirs, "objects") });
  const found = findings(theirs);
  // The plain queue and bucket are not the trigger's.
  expect(found).toContain("AwsSolutions-S10 at theirs/objects/Resource");
  expect(found.filter((one) => /theirs\/(rule|queue|bucket)\//.test(one))).toEqual([]);
});
