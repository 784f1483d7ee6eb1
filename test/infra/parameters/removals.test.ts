import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stage } from "aws-cdk-lib";
import { Construct } from "constructs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refuseRemovals } from "../../../infra/stacks/removals.ts";

const HERE = { CDK_DEFAULT_ACCOUNT: "111122223333", CDK_DEFAULT_REGION: "eu-west-1" };
const ELSEWHERE = { ...HERE, CDK_DEFAULT_REGION: "us-east-1" };
const OFFLINE = {};

let folder = "";
let deployedRecord = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-removals-"));
  deployedRecord = join(folder, "deployed.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const synth = (context: Record<string, unknown>, environment: NodeJS.ProcessEnv = HERE) =>
  refuseRemovals(new App({ context: { deployedRecord, ...context } }), environment);

const client = { scopes: ["runs:read"], workspaces: ["acme"] };
const OWN = { issuer: "https://login.example.com", audience: "sluice" };

/** The deployed parameters, the requested ones, and the text that the refusal must contain. */
const REMOVALS: [string, Record<string, unknown>, Record<string, unknown>, RegExp][] = [
  [
    "a workspace",
    { workspaces: "acme,umbrella" },
    { workspaces: "umbrella" },
    /workspaces no longer lists acme:/,
  ],
  ["all workspaces", { workspaces: "acme" }, {}, /workspaces no longer lists acme:/],
  [
    "the right to attach state machines",
    { attachable: { acme: ["orders-*"], umbrella: ["claims"] } },
    { attachable: { umbrella: ["claims"] } },
    /attachable no longer lists acme:/,
  ],
  ["a program", { clients: { billing: client, ci: client } }, { clients: { ci: client } }, /lists billing:/],
  ["the user pool", {}, OWN, /issuer changes from the user pool to https:\/\/login\.example\.com/],
  [
    "an issuer, for the user pool",
    OWN,
    {},
    /issuer changes from https:\/\/login\.example\.com to the user pool/,
  ],
  [
    "an issuer, for another",
    OWN,
    { ...OWN, issuer: "https://b.example.com" },
    /to https:\/\/b\.example\.com/,
  ],
  ["the group of platform administrators", {}, { platformValue: "root" }, /group sluice-platform is deleted/],
];

describe.each(REMOVALS)("removing %s", (_what, before, after, named) => {
  it("is refused at every attempt, with the names of what it would destroy", () => {
    synth(before);
    const record = readFileSync(deployedRecord, "utf8");
    for (const environment of [HERE, HERE, OFFLINE]) {
      expect(() => synth(after, environment)).toThrow(named);
      expect(() => synth(after, environment)).toThrow("-c allowRemoval=true");
    }
    expect(readFileSync(deployedRecord, "utf8")).toBe(record);
  });

  it("is accepted with allowRemoval, and then recorded", () => {
    synth(before);
    synth({ ...after, allowRemoval: "true" });
    synth(after);
  });
});

describe("stages for two accounts in one app", () => {
  const synthStages = (
    [first, second]: readonly [string, string],
    environment: NodeJS.ProcessEnv = HERE,
  ): void => {
    const app = new App({ context: { deployedRecord } });
    for (const [account, workspaces] of [
      ["222233334444", first],
      ["333344445555", second],
    ] as const) {
      const stage = new Stage(app, `stage-${account}`, { env: { account, region: "eu-west-1" } });
      const sluice = new Construct(stage, "Sluice");
      sluice.node.setContext("workspaces", workspaces);
      refuseRemovals(sluice, environment);
    }
  };

  it("are compared each with their own record, whatever the credentials", () => {
    synthStages(["acme", "umbrella"]);
    synthStages(["acme,third", "umbrella"]);
    expect(Object.keys(JSON.parse(readFileSync(deployedRecord, "utf8")))).toEqual([
      "222233334444/eu-west-1/sluice",
      "333344445555/eu-west-1/sluice",
    ]);
    for (const environment of [HERE, OFFLINE])
      expect(() => synthStages(["acme,third", "acme"], environment)).toThrow(
        /to 333344445555\/eu-west-1\/sluice before.*no longer lists umbrella/s,
      );
  });

  it("write no record without credentials", () => {
    synthStages(["acme", "umbrella"], OFFLINE);
    expect(existsSync(deployedRecord)).toBe(false);
  });
});

describe("parameters that destroy nothing", () => {
  it("are accepted: more workspaces and programs, another order, other settings", () => {
    synth({ workspaces: "acme,umbrella", clients: { ci: client } });
    synth({ workspaces: "umbrella,third,acme", clients: { ci: client, billing: client }, bulkRate: 3 });
    synth({ workspaces: "umbrella,third,acme", clients: { ci: client, billing: client } }, OFFLINE);
  });

  it("are compared separately for each account and region", () => {
    synth({ workspaces: "acme" });
    synth({ workspaces: "umbrella" }, ELSEWHERE);
    synth({ workspaces: "third" }, OFFLINE);
    expect(() => synth({ workspaces: "umbrella" })).toThrow("lists acme");
    expect(() => synth({ workspaces: "acme" }, ELSEWHERE)).toThrow("lists umbrella");
  });

  it("leave no record without credentials", () => {
    synth({ workspaces: "acme" }, OFFLINE);
    expect(existsSync(deployedRecord)).toBe(false);
  });
});
