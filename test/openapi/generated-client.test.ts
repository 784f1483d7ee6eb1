import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generateSource } from "oazapfts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApiDocument } from "../../shared/model/api/openapi.ts";
import { tokenFor } from "../harness/clients/client.ts";
import { tasks } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

/** The part of the generated client that the test uses. The compiler checks the whole of it. */
interface Generated {
  readonly defaults: { baseUrl: string; headers: Record<string, string> };
  publishFlow(workspace: string, flowId: string, body: object): Promise<Answer>;
  dispatchRun(
    workspace: string,
    flowId: string,
    body: object,
    headers?: { idempotencyKey?: string },
  ): Promise<Answer>;
  getRun(workspace: string, runId: string): Promise<Answer>;
  listSteps(workspace: string, runId: string, query?: object): Promise<Answer>;
  pauseRun(workspace: string, runId: string, body?: object, headers?: { ifMatch?: string }): Promise<Answer>;
}
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the generated types are checked by the compiler
  readonly data: any;
}

const USE = `import * as api from "./client.ts";
export const use = async (): Promise<string | undefined> => {
  const answer = await api.dispatchRun("demo", "steps", { payload: { n: 1 } }, { idempotencyKey: "k" });
  if (answer.status !== 202) return answer.status === 401 ? answer.data.message : undefined;
  const run: api.Run = answer.data;
  const steps = await api.listSteps("demo", run.runId, { limit: 10 });
  return steps.status === 200 ? steps.data.items[0]?.name : undefined;
};
`;

describe("a client generated from the API's description", { timeout: 120_000 }, () => {
  let folder: string;
  let stack: TestStack;
  let api: Generated;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "client-"));
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "openapi.json"), JSON.stringify(openApiDocument()));
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    writeFileSync(join(folder, "client.ts"), await generateSource(join(folder, "openapi.json")));
    writeFileSync(join(folder, "use.ts"), USE);
    const strict = ["--strict", "--skipLibCheck", "--rewriteRelativeImportExtensions"];
    const modules = ["--module", "nodenext", "--target", "es2024", "--types", "node"];
    execFileSync(
      process.execPath,
      [
        "node_modules/.bin/tsc",
        ...strict,
        ...modules,
        "--rootDir",
        folder,
        "--outDir",
        join(folder, "js"),
        "--ignoreConfig",
        join(folder, "use.ts"),
      ],
      { encoding: "utf8" },
    );
    stack = await testStack("one");
    api = await import(join(folder, "js/client.js"));
    api.defaults.baseUrl = stack.url;
    api.defaults.headers["authorization"] = `Bearer ${await tokenFor(stack.url, { user: "admin" })}`;
  });
  afterAll(async () => {
    await stack?.close();
    rmSync(folder, { recursive: true });
  });

  it("publishes a flow, runs it and reads its steps", async () => {
    expect(await api.publishFlow("demo", "steps", { definition: tasks("one") })).toMatchObject({
      status: 201,
      data: { version: 1, flow: { status: "active" } },
    });
    const { status, data: run } = await api.dispatchRun(
      "demo",
      "steps",
      { payload: { n: 1 } },
      { idempotencyKey: "k" },
    );
    expect(status).toBe(202);
    await stack.admin.untilStatus(run.runId, "completed");
    expect(await api.getRun("demo", run.runId)).toMatchObject({
      data: { status: "completed", payload: { n: 1 } },
    });
    expect(await api.listSteps("demo", run.runId, { limit: 10 })).toMatchObject({
      status: 200,
      data: { items: [{ name: "one", status: "completed" }] },
    });
    expect(
      (await api.dispatchRun("demo", "steps", { payload: { n: 1 } }, { idempotencyKey: "k" })).data.runId,
    ).toBe(run.runId);
    expect(await api.pauseRun("demo", run.runId)).toMatchObject({
      status: 409,
      data: { code: "run_already_terminal", currentStatus: "completed" },
    });
  });

  it("receives the problem document of a refusal, and API Gateway's own answer without a token", async () => {
    expect(await api.getRun("demo", "none")).toMatchObject({ status: 404, data: { code: "not_found" } });
    api.defaults.headers["authorization"] = "Bearer nonsense";
    expect(await api.getRun("demo", "none")).toMatchObject({
      status: 401,
      data: { message: "Unauthorized" },
    });
  });
});
