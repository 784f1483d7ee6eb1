// cspell:ignore datacatalog

import { App } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import type { Grants } from "../../../infra/constructs/allow/grants.ts";
import { readParameters } from "../../../infra/stacks/parameters.ts";
import { ALLOW_SETS } from "../../../shared/model/allow-sets.ts";
import { SETTINGS } from "../../../shared/model/settings.ts";
import { findings, idleAcceptances } from "../synth/nag.ts";
import { decides, deployed, policyOf, trusts } from "../synth/policy.ts";
import { synthesize } from "../synth/synthesized.ts";

const HERE = "eu-west-1:111122223333";
const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const arn = (service: string, rest: string) => `arn:aws:${service}:${HERE}:${rest}`;

type Request = readonly [action: string, resource: string];
const rule = (name: string): Request => [
  "events:PutRule",
  arn("events", `rule/StepFunctionsGetEventsFor${name}Rule`),
];
const MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/one";
const CONNECTION = arn("events", "connection/partner/11111111-2222-3333-4444-555555555555");

/** For each set: what a deployer names, what flows may do with it, and what stays denied. */
const CASES: Readonly<Record<string, { arns: string[]; may: Request[]; not: Request[] }>> = {
  dynamodb: {
    arns: [arn("dynamodb", "table/orders")],
    may: ["GetItem", "PutItem", "UpdateItem", "DeleteItem"].map((name) => [
      `dynamodb:${name}`,
      arn("dynamodb", "table/orders"),
    ]),
    not: [
      ["dynamodb:Scan", arn("dynamodb", "table/orders")],
      ["dynamodb:GetItem", arn("dynamodb", "table/other")],
    ],
  },
  sns: {
    arns: [arn("sns", "news")],
    may: [["sns:Publish", arn("sns", "news")]],
    not: [["sns:Publish", arn("sns", "other")]],
  },
  sqs: {
    arns: [arn("sqs", "orders")],
    may: [["sqs:SendMessage", arn("sqs", "orders")]],
    not: [["sqs:ReceiveMessage", arn("sqs", "orders")]],
  },
  events: {
    arns: [arn("events", "event-bus/orders")],
    may: [["events:PutEvents", arn("events", "event-bus/orders")]],
    not: [["events:PutEvents", arn("events", "event-bus/default")]],
  },
  states: {
    arns: [arn("states", "stateMachine:*")],
    may: [
      ["states:StartExecution", arn("states", "stateMachine:payroll")],
      ["states:DescribeExecution", arn("states", "execution:payroll:1")],
      ["states:StopExecution", arn("states", "execution:payroll:1")],
      rule("StepFunctionsExecution"),
    ],
    not: [["states:DeleteStateMachine", arn("states", "stateMachine:payroll")]],
  },
  "lambda-any": {
    arns: [arn("lambda", "function:shared-*"), arn("lambda", "function:*")],
    may: [["lambda:InvokeFunction", arn("lambda", "function:shared-mail")]],
    not: [["lambda:UpdateFunctionCode", arn("lambda", "function:shared-mail")]],
  },
  s3: {
    arns: ["arn:aws:s3:::orders", "arn:aws:s3:::shared/acme/*"],
    may: [
      ["s3:ListBucket", "arn:aws:s3:::orders"],
      ["s3:GetObject", "arn:aws:s3:::orders/a"],
      ["s3:PutObject", "arn:aws:s3:::shared/acme/a"],
    ],
    not: [
      ["s3:GetObject", "arn:aws:s3:::shared/umbrella/a"],
      ["s3:DeleteObject", "arn:aws:s3:::orders/a"],
    ],
  },
  ecs: {
    arns: [arn("ecs", "task-definition/report:*"), arn("ecs", "cluster/main"), roleArn("report-task")],
    may: [
      ["ecs:RunTask", arn("ecs", "task-definition/report:3")],
      ["ecs:StopTask", arn("ecs", "task/main/1")],
      ["ecs:DescribeTasks", arn("ecs", "task/main/1")],
      rule("ECSTask"),
    ],
    not: [["ecs:StopTask", arn("ecs", "task/other/1")]],
  },
  batch: {
    arns: [arn("batch", "job-queue/main"), arn("batch", "job-definition/report:1")],
    may: [
      ["batch:SubmitJob", arn("batch", "job-queue/main")],
      ["batch:SubmitJob", arn("batch", "job-definition/report:1")],
      ["batch:DescribeJobs", "*"],
      ["batch:TerminateJob", arn("batch", "job/1")],
      rule("BatchJobs"),
    ],
    not: [["batch:SubmitJob", arn("batch", "job-queue/other")]],
  },
  glue: {
    arns: [arn("glue", "job/load")],
    may: ["StartJobRun", "GetJobRun", "BatchStopJobRun"].map((name) => [
      `glue:${name}`,
      arn("glue", "job/load"),
    ]),
    not: [["glue:DeleteJob", arn("glue", "job/load")]],
  },
  athena: {
    arns: [
      ...[arn("athena", "workgroup/primary"), arn("athena", "datacatalog/AwsDataCatalog")],
      ...[arn("glue", "catalog"), arn("glue", "database/sales"), "arn:aws:s3:::results"],
    ],
    may: [
      ["athena:StartQueryExecution", arn("athena", "workgroup/primary")],
      ["athena:StopQueryExecution", arn("athena", "workgroup/primary")],
      ["athena:GetDataCatalog", arn("athena", "datacatalog/AwsDataCatalog")],
      ["glue:GetDatabase", arn("glue", "database/sales")],
      ["s3:PutObject", "arn:aws:s3:::results/1.csv"],
      ["s3:GetBucketLocation", "arn:aws:s3:::results"],
    ],
    not: [["athena:StartQueryExecution", arn("athena", "workgroup/other")]],
  },
  bedrock: {
    arns: [MODEL],
    may: [["bedrock:InvokeModel", MODEL]],
    not: [["bedrock:InvokeModel", `${MODEL}-other`]],
  },
  sagemaker: {
    arns: [arn("sagemaker", "training-job/nightly-*"), roleArn("training")],
    may: [
      ["sagemaker:CreateTrainingJob", arn("sagemaker", "training-job/nightly-1")],
      ["sagemaker:StopTrainingJob", arn("sagemaker", "training-job/nightly-1")],
      rule("SageMakerTrainingJobs"),
    ],
    not: [["sagemaker:CreateTrainingJob", arn("sagemaker", "training-job/other")]],
  },
  apigateway: {
    arns: [arn("execute-api", "abc123/live/GET/orders")],
    may: [["execute-api:Invoke", arn("execute-api", "abc123/live/GET/orders")]],
    not: [["execute-api:Invoke", arn("execute-api", "abc123/live/DELETE/orders")]],
  },
  http: {
    arns: [CONNECTION],
    may: [
      ["events:RetrieveConnectionCredentials", CONNECTION],
      ["secretsmanager:GetSecretValue", arn("secretsmanager", "secret:events!connection/partner/abc-def")],
      ["states:InvokeHTTPEndpoint", arn("states", "stateMachine:sluice-acme-abcdefghijklmnop")],
    ],
    not: [["secretsmanager:GetSecretValue", arn("secretsmanager", "secret:events!connection/other/abc")]],
  },
  credentials: {
    arns: [roleArn("billing")],
    may: [["sts:AssumeRole", roleArn("billing")]],
    not: [["sts:AssumeRole", roleArn("billing-admin")]],
  },
  readers: {
    arns: ["arn:aws:s3:::items"],
    may: [
      ["s3:ListBucket", "arn:aws:s3:::items"],
      ["s3:GetObject", "arn:aws:s3:::items/a.csv"],
      ["s3:PutObject", "arn:aws:s3:::items/result/1"],
    ],
    not: [["s3:GetObject", "arn:aws:s3:::other/a.csv"]],
  },
};
const SDK = { "aws-sdk:ses": { "ses:SendEmail": [arn("ses", "identity/example.com")] } };
const OF_MACHINES = ["credentials", "readers"];

const all: Grants = {
  ...Object.fromEntries(Object.entries(CASES).map(([set, { arns }]) => [set, arns])),
  ...SDK,
};
const stacks = synthesize({ allow: { acme: all }, allowedResources: "*" });
const policies = {
  "sluice-task-acme": policyOf(stacks, "sluice-task-acme"),
  "sluice-flows-acme": policyOf(stacks, "sluice-flows-acme"),
  "sluice-task-umbrella": policyOf(stacks, "sluice-task-umbrella"),
  "sluice-flows-umbrella": policyOf(stacks, "sluice-flows-umbrella"),
};

describe("the sets that the deployer grants to a workspace", () => {
  it("are all tested", () => {
    const needless = ["*", "activity"];
    const granted = ALLOW_SETS.filter((set) => !needless.includes(set));
    expect(Object.keys(CASES).toSorted()).toEqual(granted.toSorted());
  });

  it.each(Object.entries(CASES))(
    "%s: grants what its calls need, only on the named resources",
    (set, cases) => {
      const holder = OF_MACHINES.includes(set) ? "sluice-flows-acme" : "sluice-task-acme";
      for (const [name, policy] of Object.entries(policies)) {
        const allows = ([action, resource]: Request) => decides(policy, { action, resource });
        for (const request of cases.may) expect(allows(request), `${name}: ${request}`).toBe(name === holder);
        for (const request of cases.not) expect(allows(request), `${name}: ${request}`).toBe(false);
      }
    },
  );

  it.each<Request>([
    ["states:StartExecution", arn("states", "stateMachine:sluice-acme-abcdefghijklmnop")],
    ["states:StartExecution", arn("states", "stateMachine:sluice-drain")],
    ["states:StopExecution", arn("states", "execution:sluice-umbrella-abcdefghijklmnop:r.1")],
    ["lambda:InvokeFunction", arn("lambda", "function:sluice-gate")],
  ])("never cover Sluice's own, even by a wildcard: %s of %s", (action, resource) => {
    expect(decides(policies["sluice-task-acme"], { action, resource })).toBe(false);
  });

  it("an aws-sdk set grants the actions that the deployer names", () => {
    const mail = (name: keyof typeof policies, action: string) =>
      decides(policies[name], { action, resource: arn("ses", "identity/example.com") });
    expect(mail("sluice-task-acme", "ses:SendEmail")).toBe(true);
    expect(mail("sluice-task-acme", "ses:DeleteIdentity")).toBe(false);
    expect(mail("sluice-task-umbrella", "ses:SendEmail")).toBe(false);
  });

  it("roles can be passed only to their service", () => {
    const pass = (name: string, service: string) =>
      decides(policies["sluice-task-acme"], {
        action: "iam:PassRole",
        resource: roleArn(name),
        context: { "iam:PassedToService": `${service}.amazonaws.com` },
      });
    expect(pass("report-task", "ecs-tasks")).toBe(true);
    expect(pass("report-task", "lambda")).toBe(false);
    expect(pass("training", "sagemaker")).toBe(true);
    expect(pass("training", "ecs-tasks")).toBe(false);
  });

  it("are allowed at publish", () => {
    const given = synthesize({ allow: { acme: { sqs: [arn("sqs", "orders")] } }, allowedResources: "sns" });
    const publish = given.one("AWS::Lambda::Function", { FunctionName: "sluice-publish" });
    const { Variables } = publish.Properties["Environment"] as { Variables: Record<string, unknown> };
    expect(deployed(Variables[SETTINGS.allowedResources])).toBe('["sns","sqs"]');
  });

  it("pass the AwsSolutions rules, with a reason for each wildcard", () => {
    expect(findings(stacks.app)).toEqual([]);
    expect(idleAcceptances(stacks.app)).toEqual([]);
  });
});

describe("two workspaces that are granted every set", () => {
  const workspaces = ["acme", "umbrella"] as const;

  it("no role of one can assume or pass a role of the other, or one of Sluice's own", () => {
    const names = Object.values(stacks.resources("AWS::IAM::Role")).flatMap(({ Properties }) => {
      const name = Properties["RoleName"];
      return typeof name === "string" ? [name] : [];
    });
    expect(names).toEqual(expect.arrayContaining(["sluice-flows", ...Object.keys(policies)]));
    for (const workspace of workspaces) {
      const machines = `sluice-flows-${workspace}` as const;
      const task = `sluice-task-${workspace}` as const;
      for (const role of [machines, task])
        for (const name of [...names, "sluice-task-later"]) {
          const context = { "iam:PassedToService": "states.amazonaws.com" };
          const may = (action: string) =>
            decides(policies[role], { action, resource: roleArn(name), context });
          expect(may("sts:AssumeRole"), `${role} assumes ${name}`).toBe(role === machines && name === task);
          expect(may("iam:PassRole"), `${role} passes ${name}`).toBe(false);
        }
    }
  });

  it("no task role trusts the other's roles", () => {
    for (const caller of ["sluice-flows-acme", "sluice-task-acme", "billing"])
      expect(trusts(stacks, "sluice-task-umbrella", roleArn(caller)), caller).toBe(false);
  });

  it("no task role can access Sluice's table, whatever tables it is granted", () => {
    const wide = synthesize({ allow: { acme: { dynamodb: [arn("dynamodb", "table/*")] } } });
    const policy = policyOf(wide, "sluice-task-acme");
    const reads = (table: string) =>
      decides(policy, { action: "dynamodb:GetItem", resource: arn("dynamodb", `table/${table}`) });
    expect(["orders", "sluice-orders", "sluice"].map(reads)).toEqual([true, true, false]);
  });
});

describe("the parameter allow", () => {
  const read = (allow: unknown) => readParameters(new App({ context: { workspaces: "acme", allow } }));

  it("accepts an object or JSON text", () => {
    expect(read({ acme: all }).allow).toEqual({ acme: all });
    expect(read(JSON.stringify({ acme: all })).allow).toEqual({ acme: all });
  });

  it.each<[string, unknown, RegExp]>([
    ["a workspace that is not there", { third: {} }, /allow names third, which workspaces does not list/],
    ["a set that is not known", { acme: { queues: [] } }, /Known are dynamodb, sns, sqs/],
    ["no ARN", { acme: { sqs: ["orders"] } }, /"orders" is not an ARN/],
    ["a star", { acme: { sqs: ["*"] } }, /"\*" is not an ARN/],
    ["another service's ARN", { acme: { sqs: [arn("sns", "news")] } }, /is not one of: queue/],
    ["a role of Sluice", { acme: { credentials: [roleArn("sluice-task-umbrella")] } }, /Sluice's own roles/],
    ["roles by a wildcard", { acme: { credentials: [roleArn("*")] } }, /wildcards/],
    [
      "Sluice's own roles through an SDK",
      { acme: { "aws-sdk:sts": { "sts:AssumeRole": ["*"] } } },
      /roles cannot have wildcards/,
    ],
    ["a set that needs nothing", { acme: { activity: [] } }, /Takes no ARNs/],
    ["everything", { acme: { "*": [] } }, /Takes no ARNs/],
    ["an SDK set without actions", { acme: { "aws-sdk:ses": [arn("ses", "x")] } }, /by IAM action/],
    ["actions by a wildcard", { acme: { "aws-sdk:ses": { "ses:*": [] } } }, /is not an IAM action/],
  ])("refuses %s", (_what, allow, message) => {
    expect(() => read(allow)).toThrow(message);
  });
});
