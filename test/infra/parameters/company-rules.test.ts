import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { plain, synthesize } from "../synth/synthesized.ts";

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/0f0f";
const BOUNDARY = "arn:aws:iam::111122223333:policy/boundary";
const ACL = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/sluice/1";
const deployment = synthesize({
  issuer: undefined,
  audience: undefined,
  workspaces: "acme",
  tags: { team: "payments", "cost-center": "7" },
  permissionsBoundaryArn: BOUNDARY,
  kmsKeyArn: KEY,
  flowLogLevel: "ERROR",
  flowTracing: "true",
  gateConcurrency: "50",
  consoleWebAclArn: ACL,
  consoleLogBucket: "company-logs",
});
const { app, one, resources } = deployment;
const every = (type: string) => Object.values(resources(type)).map(({ Properties }) => Properties);
const all = app
  .synth()
  .stacks.flatMap(({ template }) =>
    Object.values(
      (template as { Resources: Record<string, { Type: string; Properties: object }> }).Resources,
    ),
  );
const statementsOf = (role: string): string => {
  const [id] = Object.entries(resources("AWS::IAM::Role")).find(([key]) => key === role) ?? [];
  const policies = Object.entries(resources("AWS::IAM::Policy")).filter(([, { Properties }]) =>
    JSON.stringify(Properties["Roles"]).includes(`"${id?.split("/")[1]}"`),
  );
  return JSON.stringify(policies.map(([, { Properties }]) => Properties["PolicyDocument"]));
};

describe("the rules of a company", () => {
  it("one key encrypts log groups, queues, the table, environments and machines", () => {
    const logs = every("AWS::Logs::LogGroup");
    expect(logs.length).toBeGreaterThan(20);
    for (const { KmsKeyId, LogGroupName } of logs) expect(KmsKeyId, String(LogGroupName)).toBe(KEY);
    for (const queue of every("AWS::SQS::Queue")) {
      expect(queue).toMatchObject({ KmsMasterKeyId: KEY });
      expect(queue).not.toHaveProperty("SqsManagedSseEnabled");
    }
    for (const made of every("AWS::Lambda::Function")) expect(made["KmsKeyArn"]).toBe(KEY);
    for (const machine of every("AWS::StepFunctions::StateMachine"))
      expect(machine["EncryptionConfiguration"]).toEqual({ Type: "CUSTOMER_MANAGED_KMS_KEY", KmsKeyId: KEY });
    expect(every("AWS::DynamoDB::GlobalTable")).toEqual([
      expect.objectContaining({
        SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
        Replicas: [expect.objectContaining({ SSESpecification: { KMSMasterKeyId: KEY } })],
      }),
    ]);
  });

  it("Sluice's own roles may use the key, those of users' Tasks may not", () => {
    const roles = Object.keys(resources("AWS::IAM::Role")).filter(
      (id) => !/^sluice-(console|identity)/.test(id),
    );
    expect(roles.length).toBeGreaterThan(20);
    for (const id of roles) {
      const may = statementsOf(id).includes(KEY);
      expect(may, id).toBe(!/taskrole/.test(id));
    }
    expect(statementsOf("sluice-workflow/gaterole789A00A5")).not.toMatch(
      /kms:(\*|CreateGrant|GenerateDataKey\*)/,
    );
  });

  it("every role has the boundary", () => {
    const roles = every("AWS::IAM::Role");
    for (const role of roles) expect(role["PermissionsBoundary"], JSON.stringify(role)).toBe(BOUNDARY);
  });

  it("everything that can have tags has them", () => {
    const tagged = all.filter(({ Properties }) => Properties !== undefined && "Tags" in Properties);
    for (const type of [
      "AWS::Lambda::Function",
      "AWS::StepFunctions::StateMachine",
      "AWS::SQS::Queue",
      "AWS::IAM::Role",
    ])
      expect(tagged.filter(({ Type }) => Type === type).length, type).toBe(
        Object.keys(resources(type)).length,
      );
    const [table] = every("AWS::DynamoDB::GlobalTable");
    expect(JSON.stringify(table)).toContain('{"Key":"team","Value":"payments"}');
  });

  it("the gate has concurrency of its own, and no other function has", () => {
    const reserved = every("AWS::Lambda::Function").filter((made) => "ReservedConcurrentExecutions" in made);
    expect(reserved).toEqual([
      expect.objectContaining({ FunctionName: "sluice-gate", ReservedConcurrentExecutions: 50 }),
    ]);
  });

  it("CloudFront has the web ACL and writes its log", () => {
    expect(one("AWS::CloudFront::Distribution").Properties["DistributionConfig"]).toMatchObject({
      WebACLId: ACL,
      Logging: { Prefix: "sluice-console" },
    });
    expect(JSON.stringify(one("AWS::CloudFront::Distribution"))).toContain("company-logs.s3.");
  });

  it("flows' machines may log and trace, and Step Functions may set that up before they exist", () => {
    const role = one("AWS::IAM::Role", { RoleName: "sluice-flows-acme" });
    const trust = JSON.stringify(role.Properties["AssumeRolePolicyDocument"]);
    expect(trust).toContain(":stateMachine:*");
    const [id = ""] = Object.entries(resources("AWS::IAM::Role")).find(([, made]) => made === role) ?? [];
    const statements = statementsOf(id);
    for (const action of ["logs:CreateLogDelivery", "xray:PutTraceSegments"])
      expect(statements).toContain(action);
    expect(every("AWS::Logs::LogGroup").map(({ LogGroupName }) => LogGroupName)).toContain(
      "/aws/vendedlogs/states/sluice-flows",
    );
  });

  it("the AwsSolutions rules find nothing", () => {
    const { violations } = new AwsSolutionsChecks().validateScope(app);
    expect(
      violations.map(({ ruleName, violatingResources }) => [ruleName, violatingResources[0]?.constructPath]),
    ).toEqual([]);
  });

  it("only functions that create machines know how, and may tag them", () => {
    const knowing = every("AWS::Lambda::Function").filter(({ Environment }) =>
      JSON.stringify(Environment ?? {}).includes("SLUICE_MACHINE_OPTIONS"),
    );
    expect(knowing.map(({ FunctionName }) => FunctionName).sort()).toEqual([
      "sluice-bulk-batch",
      "sluice-control",
      "sluice-publish",
      "sluice-register",
      "sluice-sweep",
    ]);
    const { Variables } = (knowing[0]?.["Environment"] ?? {}) as { Variables?: Record<string, unknown> };
    expect(JSON.parse(plain(Variables?.["SLUICE_MACHINE_OPTIONS"]))).toEqual({
      logging: {
        level: "ERROR",
        logGroupArn:
          "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/vendedlogs/states/sluice-flows:*",
      },
      tracing: true,
      kmsKeyArn: KEY,
      tags: { team: "payments", "cost-center": "7" },
    });
    expect(statementsOf("sluice-api/publishroleB0C8EF88")).toContain("states:TagResource");
    expect(statementsOf("sluice-api/readroleC7AB6661")).not.toContain("states:TagResource");
  });
});
