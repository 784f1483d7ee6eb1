import { describe, expect, it } from "vitest";
import { functions } from "../../infra/functions.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import { plain, synthesize } from "./synth/synthesized.ts";

const { resources } = synthesize({
  platformClaim: "root",
  platformValue: "yes",
  workspacesClaim: "spaces",
  allowedResources: "arn:aws:states:::sns:publish",
  bulkRate: "40",
});
const deployed = Object.values(resources("AWS::Lambda::Function")).map(({ Properties }) => Properties);
const find = (name: string) => {
  const found = deployed.filter(({ FunctionName }) => FunctionName === name);
  expect(found, name).toHaveLength(1);
  return found[0] ?? {};
};
const environmentOf = (name: string): Readonly<Record<string, unknown>> =>
  (find(name)["Environment"] as { Variables: Record<string, unknown> }).Variables;

describe.each(Object.values(functions))("$name", ({ name, table }) => {
  it("runs on Node.js 24 on arm64, traced, with logs as JSON", () => {
    expect(find(name)).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      // Tracing each gate would cost too much.
      TracingConfig: { Mode: /-(gate|park|human-step|hand-over)$/.test(name) ? "PassThrough" : "Active" },
      LoggingConfig: { LogFormat: "JSON" },
    });
  });

  it("keeps its logs for three months", () => {
    const groups = Object.values(resources("AWS::Logs::LogGroup")).filter(
      ({ Properties }) => Properties["LogGroupName"] === `/aws/lambda/${name}`,
    );
    expect(groups.map(({ Properties }) => Properties["RetentionInDays"])).toEqual([90]);
  });

  it("gets every setting if it uses the table, and none otherwise", () => {
    const names = Object.values(SETTINGS).filter((setting) => setting in environmentOf(name));
    const creators = ["publish", "control", "bulk-batch", "sweep", "register"];
    const compiles = creators.some((one) => name === `sluice-${one}`);
    expect(names).toEqual(
      table === "none"
        ? []
        : Object.values(SETTINGS).filter(
            (one) =>
              (compiles || ![SETTINGS.allowedResources, SETTINGS.machineOptions].some((of) => of === one)) &&
              (/^sluice-(attach|register)$/.test(name) || one !== SETTINGS.attachable) &&
              (name === "sluice-read" || one !== SETTINGS.stepLogs),
          ),
    );
  });
});

it("environments fit into Lambda's 4 KB, whatever the parameters", () => {
  const longest = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-99",
    "AWS::AccountId": "1".repeat(12),
  };
  const most = synthesize({
    platformClaim: "c".repeat(128),
    platformValue: "v".repeat(128),
    workspacesClaim: "w".repeat(128),
    bulkRate: 1_000,
    flowLogLevel: "FATAL",
    flowTracing: false,
    kmsKeyArn: `arn:aws-us-gov:kms:ap-southeast-9:111122223333:key/mrk-${"0".repeat(32)}`,
    instance: "ninechars",
    tags: { team: "t".repeat(190), cost: "c".repeat(180) },
    allowedResources: Array.from({ length: 21 }, (_, at) => `arn:aws:states:::aws-sdk:dynamodb:action${at}x`),
  });
  const sizes = Object.values(most.resources("AWS::Lambda::Function")).map(({ Properties }) => {
    const { Variables = {} } = (Properties["Environment"] ?? {}) as { Variables?: Record<string, unknown> };
    return Object.entries(Variables)
      .map(([name, value]) =>
        Object.entries(longest).reduce(
          (text, [key, place]) => text.replaceAll(`<${key}>`, place),
          name + plain(value),
        ),
      )
      .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  });
  expect(Math.max(...sizes)).toBeGreaterThan(3_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4_096);
});

describe("the settings", () => {
  it("name the account's resources and the deployer's choices", () => {
    const settings = Object.fromEntries(
      Object.entries(environmentOf("sluice-publish")).map(([key, value]) => [key, plain(value)]),
    );
    const lambda = "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function";
    expect(settings).toMatchObject({
      SLUICE_STATES_ARN_PREFIX: "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>",
      SLUICE_MACHINE_ROLE_ARN: "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/sluice-flows-{workspace}",
      SLUICE_GATE_ARN: `${lambda}:sluice-gate`,
      SLUICE_PARK_ARN: `${lambda}:sluice-park`,
      SLUICE_HUMAN_STEP_ARN: `${lambda}:sluice-human-step`,
      SLUICE_HAND_OVER_ARN: `${lambda}:sluice-hand-over`,
      SLUICE_HISTORY_MARK: "24000",
      SLUICE_SCHEDULE_GROUP: "sluice",
      SLUICE_SCHEDULER_ROLE_ARN: "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/sluice-scheduler",
      SLUICE_DEAD_LETTER_ARN:
        "arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:sluice-schedule-dead-letters",
      SLUICE_AUTO_RESUME_ARN: `${lambda}:sluice-auto-resume`,
      SLUICE_WARNING_ARN: `${lambda}:sluice-warning`,
      SLUICE_WAIT_ARN: `${lambda}:sluice-wait`,
      SLUICE_DRAIN_MACHINE_ARN:
        "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-drain",
      SLUICE_BULK_MACHINE_ARN:
        "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-bulk",
      SLUICE_BULK_RATE: "40",
      SLUICE_EVENT_BUS: "default",
      SLUICE_TASK_ROLE_ARN: "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/sluice-task-{workspace}",
      SLUICE_ALLOWED_RESOURCES: '["arn:aws:states:::sns:publish"]',
      SLUICE_PLATFORM_CLAIM: "root",
      SLUICE_PLATFORM_VALUE: "yes",
      SLUICE_WORKSPACES_CLAIM: "spaces",
    });
  });

  it("name the table that the data stack creates", () => {
    expect(plain(environmentOf("sluice-gate")["SLUICE_TABLE"])).toBe("<sluice-data/table>");
  });
});

it("the API's functions time out before API Gateway does", () => {
  for (const name of [
    "sluice-read",
    "sluice-publish",
    "sluice-dispatch",
    "sluice-control",
    "sluice-holds",
    "sluice-bulk",
    "sluice-admin",
  ]) {
    expect(find(name)["Timeout"], name).toBeLessThan(30);
  }
});

it("every function's name is reserved", () => {
  for (const { FunctionName } of deployed) expect(FunctionName).toMatch(/^sluice-/);
});
