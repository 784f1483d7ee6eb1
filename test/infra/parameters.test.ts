import { App } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { readParameters } from "../../infra/stacks/parameters.ts";

const read = (context: Record<string, unknown>) => readParameters(new App({ context }));

describe("deployment parameters", () => {
  it("have defaults for everything but the identity provider", () => {
    expect(read({})).toEqual({
      audience: [],
      platformClaim: "sluice:platform_admin",
      workspacesClaim: "sluice:workspaces",
      workspaces: [],
      taskTag: "sluice:workspace",
      allowedResources: [],
      logRetentionDays: 90,
    });
  });

  it("come as text from the command line", () => {
    expect(read({ audience: "web,cli", workspaces: "acme,b-2", logRetentionDays: "7" })).toMatchObject({
      audience: ["web", "cli"],
      workspaces: ["acme", "b-2"],
      logRetentionDays: 7,
    });
  });

  it("come as lists and numbers from cdk.json", () => {
    expect(read({ audience: ["web", "cli"], logRetentionDays: 365 })).toMatchObject({
      audience: ["web", "cli"],
      logRetentionDays: 365,
    });
  });

  it.each([
    ["issuer", "not an address"],
    ["workspaces", "Not A Slug"],
    ["logRetentionDays", "8"],
    ["alarmTopicArn", "pager"],
  ])("refuse a bad %s and name it", (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
