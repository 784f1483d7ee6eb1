import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../infra/build/project-root.ts";
import manifest from "../../package.json" with { type: "json" };
import { lint, type Template } from "../infra/synth/cfn-lint.ts";
import type { Folder } from "./folder.ts";

const APP = `import { App } from "aws-cdk-lib";
import { Sluice } from "sluice/cdk";

const app = new App();
new Sluice(app, "Sluice", { workspaces: ["acme"] });
`;
const WITH_RULES = APP.replace('"aws-cdk-lib";', '"aws-cdk-lib";\nimport { Validations } from "aws-cdk-lib";')
  .replace("const app", 'import { AwsSolutionsChecks } from "cdk-nag";\nconst app')
  .concat("Validations.of(app).addPlugins(new AwsSolutionsChecks(app));\n");
/** A TypeScript app that uses all that \`sluice/cdk\` offers with the types that it declares. */
const TYPES = `${APP}
import * as offered from "sluice/cdk";
export const names: readonly (keyof typeof offered)[] = ["Sluice", "SluiceFlow", "PausableStateMachine", "allowInlineGate"];
`;
/** The same for programs that call the API. */
const CLIENT_TYPES = `import { createClient, dispatchAndWait, items } from "sluice/client";
const api = createClient({ url: "https://api.example.com", workspace: "sales", retry: true });
export const run = await dispatchAndWait(api, { flowId: "orders", body: { payload: { id: 1 } } });
export const status: "completed" | "failed" | string = run.status;
for await (const { runId } of items(api.listRuns, { query: { status: "failed" } })) runId.toUpperCase();
// @ts-expect-error no such operation
api.listRun;
`;
const STACKS = 8;

const { "aws-cdk-lib": cdk, constructs, "cdk-nag": nag } = manifest.devDependencies;

/** Five lines are a CDK app with all stacks, which follow the rules of cdk-nag and cfn-lint. */
export const proveCdk = (folder: Folder): void => {
  folder.install(`aws-cdk-lib@${cdk}`, `constructs@${constructs}`, `cdk-nag@${nag}`);
  folder.write("app.mjs", APP);
  folder.run("env", "CDK_OUTDIR=cdk.out", "node", "app.mjs");
  const output = join(folder.path, "cdk.out");
  const files = readdirSync(output).filter((name) => name.endsWith(".template.json"));
  assert.equal(files.length, STACKS);
  for (const file of files) {
    const template: Template = JSON.parse(readFileSync(join(output, file), "utf8"));
    assert.deepEqual(lint(template), [], file);
  }
  folder.write("app-with-rules.mjs", WITH_RULES);
  folder.run("env", "CDK_OUTDIR=with-rules", "node", "app-with-rules.mjs");
  const report = readFileSync(join(folder.path, "with-rules/validation-report.json"), "utf8");
  const { pluginReports } = JSON.parse(report) as { pluginReports: { violations: unknown[] }[] };
  assert.deepEqual(
    pluginReports.flatMap(({ violations }) => violations),
    [],
  );
  proveTypes(folder);
  console.log(`  sluice/cdk: ${files.length} stacks; cdk-nag, ${withCfnLint(output, files)}, types`);
};

const proveTypes = (folder: Folder): void => {
  folder.write("app.ts", TYPES);
  const options = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--types", ""];
  folder.write("client.mts", CLIENT_TYPES);
  folder.run(join(projectRoot, "node_modules/.bin/tsc"), ...options, "app.ts", "client.mts");
};

/** Runs cfn-lint itself, where it is installed: it is not an npm package. */
const withCfnLint = (output: string, files: readonly string[]): string => {
  const { error, status, stdout } = spawnSync("cfn-lint", files, { cwd: output, encoding: "utf8" });
  if (error !== undefined) return "cfn-lint's rules (cfn-lint is not installed)";
  assert.equal(status, 0, stdout);
  return "cfn-lint";
};
