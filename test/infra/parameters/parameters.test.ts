import { App } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { readParameters } from "../../../infra/stacks/parameters.ts";

const read = (context: Record<string, unknown>) => readParameters(new App({ context }));

describe("deployment parameters", () => {
  it("have defaults for everything: a user pool without users", () => {
    expect(read({})).toEqual({
      audience: [],
      platformClaim: "cognito:groups",
      platformValue: "sluice-platform",
      workspacesClaim: "scope",
      signInUrls: ["http://localhost:8976/callback"],
      clients: {},
      workspaces: [],
      taskTag: "sluice:workspace",
      allowedResources: [],
      allow: {},
      tags: {},
      attachable: {},
      stepLogs: {},
      bulkRate: 25,
      apiRate: 2_000,
      apiBurst: 1_250,
      console: true,
      logRetentionDays: 90,
      consoleScope: "openid profile email",
      consoleIssuerOrigins: [],
      webOrigins: [],
      instance: "sluice",
      allowRemoval: false,
      deployedRecord: "sluice.deployed.json",
    });
  });

  it("are read from the command line as strings", () => {
    expect(read({ audience: "web,cli", workspaces: "acme,b-2", logRetentionDays: "7" })).toMatchObject({
      audience: ["web", "cli"],
      workspaces: ["acme", "b-2"],
      logRetentionDays: 7,
    });
  });

  it("are read from cdk.json as lists and numbers", () => {
    expect(read({ audience: ["web", "cli"], logRetentionDays: 365 })).toMatchObject({
      audience: ["web", "cli"],
      logRetentionDays: 365,
    });
  });

  it("use other claim names with the deployer's own issuer", () => {
    const own = { issuer: "https://login.example.com/", audience: "sluice" };
    expect(read(own)).toMatchObject({
      issuer: "https://login.example.com/",
      platformClaim: "sluice:platform_admin",
      platformValue: "true",
      workspacesClaim: "sluice:workspaces",
    });
    const given = { platformClaim: "roles", platformValue: "root", workspacesClaim: "spaces" };
    expect(read({ ...own, ...given })).toMatchObject(given);
  });

  it("accept sets and ARNs in the allow list, and list the valid names for an unknown one", () => {
    const allowedResources = ["sqs", "aws-sdk:ses", "*", "arn:aws:states:::codebuild:*"];
    expect(read({ allowedResources: allowedResources.join(",") })).toMatchObject({ allowedResources });
    expect(() => read({ allowedResources: "sqs,queue" })).toThrow(
      /"queue".*dynamodb, sns, sqs.*aws-sdk:<service>/,
    );
  });

  it("accept programs as an object or as JSON text", () => {
    const clients = { billing: { scopes: ["runs:dispatch"], workspaces: ["acme"] } };
    expect(read({ clients }).clients).toEqual(clients);
    expect(read({ clients: JSON.stringify(clients) }).clients).toEqual(clients);
  });

  it.each<[string, Record<string, unknown>]>([
    ["audience", { issuer: "https://login.example.com/" }],
    [
      "clients",
      {
        issuer: "https://login.example.com/",
        audience: "sluice",
        clients: { ci: { scopes: ["runs:read"], workspaces: ["acme"] } },
      },
    ],
    ["scopes", { clients: { ci: { scopes: ["runs:delete"], workspaces: ["acme"] } } }],
    ["scopes", { clients: { ci: { scopes: [], workspaces: ["acme"] } } }],
    ["workspaces", { clients: { ci: { scopes: ["runs:read"], workspaces: [] } } }],
    ["clients", { clients: { CI: { scopes: ["runs:read"], workspaces: ["acme"] } } }],
    ["clients", { clients: "ci" }],
    ["consoleClientId", { consoleClientId: "console" }],
    ["consoleCertificateArn", { consoleDomain: "sluice.example.com" }],
    ["consoleDomain", { consoleCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a" }],
    [
      "consoleClientId",
      {
        issuer: "https://login.example.com/",
        audience: "sluice",
        consoleDomain: "sluice.example.com",
        consoleCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a",
      },
    ],
  ])("do not deploy what cannot be: %s", (name, context) => {
    expect(() => read(context)).toThrow(name);
  });

  it.each<[string, unknown]>([
    ["issuer", "not an address"],
    ["issuer", "http://login.example.com/"],
    ["signInUrls", "http://example.com/"],
    ["signInUrls", "http://localhost.example.com/"],
    ["signInUrls", ""],
    ["workspaces", "Not A Slug"],
    ["logRetentionDays", "8"],
    ["allowedResources", "sqs,queues"],
    ["allowedResources", "*:sqs:*"],
    ["allowedResources", "aws-sdk:"],
    ["bulkRate", "0"],
    ["apiRate", "0"],
    ["apiBurst", "5001"],
    ["console", "no"],
    ["tags", { "aws:team": "a" }],
    ["tags", { "sluice:workspace": "acme" }],
    ["tags", Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`tag-${at}`, "v".repeat(40)]))],
    ["permissionsBoundaryArn", "boundary"],
    ["kmsKeyArn", "arn:aws:kms:eu-west-1:111122223333:alias/sluice"],
    ["flowLogLevel", "DEBUG"],
    ["gateConcurrency", "0"],
    ["consoleWebAclArn", "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1"],
    ["consoleLogBucket", "arn:aws:s3:::logs"],
    ["allowedResources", Array.from({ length: 30 }, (_, at) => `arn:aws:states:::aws-sdk:dynamodb:a${at}`)],
    ["alarmTopicArn", "pager"],
    ["consoleDomain", "https://sluice.example.com"],
    ["consoleCertificateArn", "arn:aws:acm:eu-central-1:123456789012:certificate/a"],
    ["consoleScope", "profile"],
    ["consoleWorkspace", "Not A Slug"],
    ["consoleIssuerOrigins", "https://token.example/path"],
    ["webOrigins", "https://app.example/path"],
    ["allowRemoval", "yes"],
  ])("refuse a bad %s and name it", (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
