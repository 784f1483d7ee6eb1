import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../infra/build/project-root.ts";

/** Names that a page's reader already has, with the imports that they need. */
const READERS_OWN = {
  imports: `
import { App, Duration, Stack } from "aws-cdk-lib";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";`,
  stack: `
    const made = (id: string) =>
      new LambdaFunction(this, id, {
        code: Code.fromInline("exports.handler = async () => {};"),
        handler: "index.handler",
        runtime: Runtime.NODEJS_24_X,
      });
    const [charge, shared] = [made("charge-function"), made("shared-function")];
    const topic = new Topic(this, "topic", { enforceSSL: true });
    const queue = new Queue(this, "queue", {
      enforceSSL: true,
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: new Queue(this, "dead", { enforceSSL: true }), maxReceiveCount: 3 },
    });
    void [charge, shared, topic, queue];`,
  module: `
const charge = async (order: unknown): Promise<unknown> => order;
const [url, accessToken] = ["https://api.example.com", "…"];
void [charge, url, accessToken];`,
};

interface Snippet {
  /** File and line of the page. */
  readonly place: string;
  readonly code: string;
  /** Whether it belongs in a stack of a CDK app, or is one. */
  readonly cdk: boolean;
  /** Whether it is a whole CDK app. */
  readonly app: boolean;
}

const pages = ["*.md", "docs/**/*.md", "examples/**/*.md"].flatMap((pattern) =>
  globSync(pattern, { cwd: projectRoot }),
);
const snippets: readonly Snippet[] = pages.flatMap((page) => {
  const text = readFileSync(join(projectRoot, page), "utf8");
  return [...text.matchAll(/^```(?:ts|typescript)\n(.*?)^```/gms)].map(({ index, 1: code = "" }) => ({
    place: `${page}:${text.slice(0, index).split("\n").length}`,
    code,
    cdk: /sluice\/cdk|aws-cdk-lib/.test(code),
    app: /^const app = new App\(\);$/m.test(code),
  }));
});

/** The sources of Sluice's modules, so that no older build of them is tested. */
const SOURCES = {
  "sluice/cdk": "./deployers-with-empty-files.ts",
  "sluice/gate": "../../functions/inline/gate.ts",
  "sluice/client": "../../shared/client/index.ts",
};

/** `sluice/cdk` as in the package, which brings built files along. */
const DEPLOYERS = `
import { join } from "node:path";
import type { Construct } from "constructs";
import { Sluice as Packaged, type SluiceProps } from "../../infra/deployers.ts";
import { emptyFiles } from "../../test/infra/synth/built-files.ts";
export * from "../../infra/deployers.ts";
export class Sluice extends Packaged {
  constructor(scope: Construct, id: string, props?: SluiceProps) {
    super(scope, id, props, emptyFiles(join(import.meta.dirname, "files")));
  }
}
`;

/** A module with the snippet as it is on the page. A CDK snippet is put into an exported stack, and a whole app is exported. */
const moduleOf = (snippet: Snippet): string => {
  const { cdk, app } = snippet;
  const code = Object.entries(SOURCES).reduce(
    (text, [name, file]) => text.replace(`from "${name}"`, `from "${file}"`),
    snippet.code,
  );
  if (app) return `${code}\nexport { app };\n`;
  const isImport = (line: string) => /^import .*;$/.test(line);
  const imports = code.split("\n").filter(isImport).join("\n");
  const rest = code
    .split("\n")
    .filter((line) => !isImport(line))
    .join("\n");
  if (!cdk) return `${imports}\n${READERS_OWN.module}\n${rest}`;
  return `${READERS_OWN.imports}
${imports}
export class Snippet extends Stack {
  constructor(scope: App, id: string) {
    super(scope, id);
    ${READERS_OWN.stack}
    ${rest}
  }
}`;
};

/**
 * Synthesizes the stacks of modules, and prints for each the findings of the AwsSolutions rules in the snippet's own resources, or
 * its error. In one process, because the CDK takes longer to load than to run.
 */
const SYNTHESIZE = `
import { App } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
const findingsOf = async (file, outdir) => {
  const { Snippet, app = new App({ outdir }) } = await import(file);
  // It takes seconds to load, and app.test.ts runs it for all stacks.
  Object.assign(app, { _builtinCloudFormationValidation: false });
  if (Snippet !== undefined) new Snippet(app, "users");
  app.synth();
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ruleName + " at " + constructPath),
  );
};
const all = {};
for (const file of process.argv.slice(2))
  all[file] = await findingsOf(file, file + ".out").then((found) => ({ found }), (error) => ({ error: String(error.stack) }));
console.log(JSON.stringify(all));
`;

// Inside the project, where the packages are found.
mkdirSync(join(projectRoot, "dist"), { recursive: true });
const folder = mkdtempSync(join(projectRoot, "dist/snippets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (index: number) => join(folder, `snippet-${index}.ts`);
for (const [index, snippet] of snippets.entries()) writeFileSync(fileOf(index), moduleOf(snippet));
writeFileSync(join(folder, "deployers-with-empty-files.ts"), DEPLOYERS);
writeFileSync(join(folder, "synthesize.mjs"), SYNTHESIZE);
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, types: ["node"], incremental: false },
    include: ["*.ts"],
    exclude: [],
  }),
);
const run = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: "utf8" });

describe("the TypeScript in the documentation", () => {
  it("compiles", { timeout: 120_000 }, () => {
    // Several threads would check what they share several times, for nearly twice the processor time.
    const tsc = run(join(projectRoot, "node_modules/typescript/bin/tsc"), "--singleThreaded", "-p", folder);
    const explained = tsc.stdout.replaceAll(/snippet-(\d+)\.ts/g, (_, index) =>
      String(snippets[index]?.place),
    );
    expect(explained).toBe("");
    expect(tsc.status).toBe(0);
  });

  it("has snippets of both kinds", () => {
    expect(snippets.filter(({ cdk }) => cdk).length).toBeGreaterThanOrEqual(3);
    expect(snippets.filter(({ cdk }) => !cdk).length).toBeGreaterThanOrEqual(2);
  });
});

const cdkSnippets = [...snippets.entries()].filter(([, { cdk }]) => cdk);

describe("the CDK snippets", () => {
  let all: Readonly<Record<string, { readonly found?: readonly string[]; readonly error?: string }>>;
  beforeAll(() => {
    const files = cdkSnippets.map(([index]) => fileOf(index));
    const { stdout, stderr, status } = run(join(folder, "synthesize.mjs"), ...files);
    expect(status, stderr).toBe(0);
    all = JSON.parse(stdout);
  });

  it.each(cdkSnippets)("%i is synthesized, and passes the AwsSolutions rules: $place", (index) => {
    const { found, error } = all[fileOf(index)] ?? {};
    expect(error).toBeUndefined();
    expect(
      found?.filter((finding) => !/ at users\/(charge|shared)-function\/ServiceRole\//.test(finding)),
    ).toEqual([]);
  });
});
