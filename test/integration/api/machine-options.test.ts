import { DescribeStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, it } from "vitest";
import { machineName } from "../../../shared/model/machines/machine-names.ts";
import { sfnMachines } from "../../../shared/outbound/sfn-machines.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ARN_PREFIX = "arn:aws:states:us-east-1:000000000000";
const LOG = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/sluice-flows:*";
const KEY = "arn:aws:kms:us-east-1:000000000000:key/0f0f";
const text = (result: number) =>
  JSON.stringify({ StartAt: "P", States: { P: { Type: "Pass", Result: result, End: true } } });

let stack: TestStack;
let client: SFNClient;
/** The requests to the service, by operation. */
const sent: [string, Record<string, unknown>][] = [];
beforeAll(async () => {
  stack = await testStack();
  client = new SFNClient(sdkConfig(stack.url, "states"));
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (call) => {
        sent.push([commandName, call.input as Record<string, unknown>]);
        return next(call);
      },
    { step: "initialize" },
  );
});
afterAll(async () => {
  client?.destroy();
  await stack?.close();
});

const machines = (options = {}) =>
  sfnMachines(
    client,
    { arnPrefix: ARN_PREFIX, instance: "sluice" },
    () => "arn:aws:iam::000000000000:role/sluice-flows-demo",
    () => options,
  );
const describeMachine = (name: string) =>
  client.send(new DescribeStateMachineCommand({ stateMachineArn: `${ARN_PREFIX}:stateMachine:${name}` }));
const OPTIONS = {
  logging: { level: "ERROR" as const, logGroupArn: LOG },
  tracing: true,
  kmsKeyArn: KEY,
  tags: { team: "payments" },
};
const CONFIGURED = {
  loggingConfiguration: {
    level: "ERROR",
    includeExecutionData: false,
    destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: LOG } }],
  },
  tracingConfiguration: { enabled: true },
  encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: KEY },
};

it.each(["publish", "create"] as const)("%s makes a machine with the deployer's options", async (how) => {
  const name = machineName("demo", how === "publish" ? "a".repeat(16) : "b".repeat(16));
  await machines(OPTIONS)[how](name, text(1));
  expect(await describeMachine(name)).toMatchObject(CONFIGURED);
  const [, input] = sent.findLast(([command]) => command === "CreateStateMachineCommand") ?? [];
  expect(input).toMatchObject({ name, tags: [{ key: "team", value: "payments" }] });
});

it("a new version applies the options to an older machine, and leaves it unchanged without options", async () => {
  const name = machineName("demo", "c".repeat(16));
  await machines().publish(name, text(1));
  expect(await describeMachine(name)).toMatchObject({ loggingConfiguration: { level: "OFF" } });
  await machines(OPTIONS).publish(name, text(2));
  expect(await describeMachine(name)).toMatchObject(CONFIGURED);
  await machines().publish(name, text(3));
  expect(await describeMachine(name)).toMatchObject(CONFIGURED);
});
