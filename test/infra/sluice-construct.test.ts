import { App, Stack, Stage } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { Sluice, type SluiceProps } from "../../infra/sluice.ts";
import { withEmptyFiles } from "./synth/built-files.ts";
import { findings } from "./synth/nag.ts";
import { synthesize } from "./synth/synthesized.ts";

/** An app that has nothing of Sluice's cdk.json. */
const emptyApp = (context: Readonly<Record<string, unknown>> = {}): App =>
  new App({ builtinCloudFormationValidation: false, context });

const templatesIn = (app: App, stage: App | Stage, props: SluiceProps) =>
  withEmptyFiles((files) => {
    new Sluice(stage, "Sluice", props, files);
    const assembly = app.synth();
    return stage === app ? assembly.stacks : assembly.getNestedAssembly(stage.artifactId).stacks;
  });

const DEPLOYMENT = { issuer: "https://issuer.example", audience: ["sluice"], workspaces: ["acme"] };

describe("Sluice in a deployer's own app", () => {
  const app = emptyApp();
  const stacks = templatesIn(app, app, { workspaces: ["acme"] });

  it("makes all stacks, with the names that a clone of the repository gives them", () => {
    expect(stacks.map(({ stackName }) => stackName).sort()).toEqual([
      ...["sluice-alarms", "sluice-api", "sluice-console", "sluice-console-content", "sluice-data"],
      ...["sluice-identity", "sluice-schedule", "sluice-workflow"],
    ]);
  });

  it("keeps the resources that a clone of the repository deployed: table, user pool, roles and functions", () => {
    const clone = synthesize({ issuer: undefined, audience: undefined, workspaces: "acme" });
    const kept = /::(GlobalTable|UserPool\w*|Role|Function|Queue|LogGroup|StateMachine|Distribution|Bucket)$/;
    for (const { stackName, template } of stacks) {
      const { Resources } = template as { Resources: Readonly<Record<string, { Type: string }>> };
      for (const [id, { Type }] of Object.entries(clone.template(stackName).Resources))
        if (kept.test(Type)) expect(Resources[id]?.Type, `${stackName} ${id}`).toBe(Type);
    }
  });

  it("passes the AwsSolutions rules", () => {
    expect(findings(app)).toEqual([]);
  });

  it("takes the account and the region of a stage, and no prefix of it", () => {
    const staged = emptyApp();
    const stage = new Stage(staged, "prod", { env: { account: "123456789012", region: "eu-west-1" } });
    const inStage = templatesIn(staged, stage, DEPLOYMENT);
    expect(inStage.map(({ stackName }) => stackName)).toContain("sluice-data");
    expect(new Set(inStage.map(({ environment }) => environment.name))).toEqual(
      new Set(["aws://123456789012/eu-west-1"]),
    );
    expect(findings(stage)).toEqual([]);
  });

  it("prefers its properties to the app's context", () => {
    const other = emptyApp({ instance: "orders", workspaces: "umbrella" });
    const roles = templatesIn(other, other, { ...DEPLOYMENT, instance: "billing" }).flatMap(({ template }) =>
      Object.values(
        (template as { Resources: Record<string, { Properties?: { RoleName?: unknown } }> }).Resources,
      )
        .map(({ Properties }) => JSON.stringify(Properties?.RoleName))
        .filter((name) => name?.includes("-task-")),
    );
    expect(roles).toEqual([expect.stringContaining("billing-task-acme")]);
  });

  it.each([
    [{ workspace: ["acme"] } as SluiceProps, "no deployment parameter workspace"],
    [{ workspaces: ["Acme!"] }, "workspaces[0]"],
    [{ issuer: "https://issuer.example" }, "issuer needs an audience"],
  ])("refuses %j", (props, message) => {
    const wrong = emptyApp();
    expect(() => templatesIn(wrong, wrong, props)).toThrow(message);
  });

  it("has each stack as a child that the deployer can reach", () => {
    const sluice = app.node.findChild("Sluice");
    expect(sluice.node.children.every((one) => Stack.isStack(one))).toBe(true);
  });
});
