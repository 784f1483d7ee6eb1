import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundlePackages } from "../../../infra/build/packages.ts";
import { projectRoot } from "../../../infra/build/project-root.ts";
import type * as Module from "../../../shared/client/index.ts";
import { launchBrowser } from "../../harness/browser/browser.ts";
import { tokenFor } from "../../harness/clients/client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const FLOW = {
  ...{ StartAt: "Sum", Sluice: { Index: { order: "$.order" } } },
  States: { Sum: { Type: "Pass", Result: 3, End: true } },
};
const RESTING = { StartAt: "Rest", States: { Rest: { Type: "Wait", Seconds: 600, End: true } } };

describe("the module sluice/client", () => {
  let stack: TestStack;
  let sluice: typeof Module;
  let api: Module.Client;
  let calls: [method: string, status: number, key: string | null][] = [];
  /** Answers that are lost on the way to the client. */
  let lost = 0;
  const folder = mkdtempSync(join(tmpdir(), "sluice-client-"));
  beforeAll(async () => {
    stack = await testStack();
    await stack.admin.publish("sums", FLOW);
    await stack.admin.publish("rests", RESTING);
    bundlePackages(folder);
    sluice = await import(pathToFileURL(join(folder, "client/index.mjs")).href);
    const token = await tokenFor(stack.url, { user: "operator" });
    api = sluice.createClient({
      ...{ url: stack.url, workspace: "demo", token: async () => token, retry: true },
      fetch: async (url, init) => {
        const answer = await fetch(url, init);
        const key = new Headers(init.headers).get("idempotency-key");
        calls.push([init.method ?? "GET", answer.status, key]);
        lost -= 1;
        if (lost >= 0) throw new TypeError("The connection was closed");
        return answer;
      },
    });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stack.close();
  });

  it("dispatches once although answers are lost, and returns the run when it has ended", async () => {
    calls = [];
    lost = 2;
    const run = await sluice.dispatchAndWait(api, { flowId: "sums", body: { payload: { order: "a" } } });
    expect(run).toMatchObject({ status: "completed", output: 3 });
    expect(calls.length).toBe(3);
    expect(new Set(calls.map(([, , key]) => key)).size).toBe(1);
    expect(calls[0]?.[2]).toMatch(/^[0-9a-f-]{36}$/);
    expect(await sluice.waitForEnd(api, { runId: run.runId })).toMatchObject({ output: 3 });
    const { items } = await api.listRuns({ query: { "attribute.order": "a" } });
    expect(items.map(({ runId }) => runId)).toEqual([run.runId]);
  });

  it("stops waiting when it is told to", async () => {
    const run = await sluice.dispatch(api, { flowId: "rests", body: { payload: {} } });
    const stopped = AbortSignal.timeout(200);
    await expect(sluice.waitForEnd(api, { runId: run.runId, signal: stopped })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });

  it("reads lists page by page, and no page more than it needs", async () => {
    for (const order of ["b", "b", "b"])
      await sluice.dispatch(api, { flowId: "sums", body: { payload: { order } } });
    const query = { "attribute.order": "b", limit: 1 } as const;
    const found: string[] = [];
    for await (const run of sluice.items(api.listRuns, { query })) found.push(run.runId);
    expect(new Set(found).size).toBe(3);
    calls = [];
    for await (const _run of sluice.items(api.listRuns, { query })) break;
    expect(calls.length).toBe(1);
  });

  it("throws the problem with its code", async () => {
    const failed = api.getRun({ runId: "no-run" });
    await expect(failed).rejects.toBeInstanceOf(sluice.ApiError);
    await expect(failed).rejects.toMatchObject({ code: "not_found", status: 404 });
  });

  it("works in a page of another origin of this machine", async () => {
    const server = createServer((request, response) => {
      const isModule = request.url === "/index.mjs";
      response.setHeader("content-type", isModule ? "text/javascript" : "text/html");
      response.end(
        isModule ? readFileSync(join(folder, "client/index.mjs")) : "<!doctype html><title>A page</title>",
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      const token = JSON.stringify(await tokenFor(stack.url, { user: "operator" }));
      const seen = await page.evaluate(`(async () => {
        const { createClient, dispatchAndWait, items } = await import("/index.mjs");
        const url = ${JSON.stringify(stack.url)};
        const api = createClient({ url, workspace: "demo", token: async () => ${token}, retry: true });
        const run = await dispatchAndWait(api, { flowId: "sums", body: { payload: { order: "page" } } });
        const found = [];
        for await (const { runId } of items(api.listRuns, { query: { "attribute.order": "page" } })) found.push(runId);
        const refused = await api.getRun({ runId: "no-run" }).catch(({ code }) => code);
        const secrets = await fetch(url + "/local/clock").then(() => "read", () => "not read");
        return { status: run.status, output: run.output, found: found.length, refused, secrets };
      })()`);
      expect(seen).toEqual({
        ...{ status: "completed", output: 3, found: 1, refused: "not_found", secrets: "not read" },
      });
    } finally {
      await browser.close();
      server.close();
    }
  });

  it.skipIf(spawnSync("python3", ["--version"]).error !== undefined)("has an example in Python", async () => {
    const token = await tokenFor(stack.url, { user: "operator" });
    const script = join(projectRoot, "examples/clients/dispatch.py");
    const { stdout, stderr } = await promisify(execFile)(
      "python3",
      [script, "sums", '{"order": "py"}', "order=py"],
      { env: { ...process.env, SLUICE_URL: stack.url, SLUICE_TOKEN: token } },
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^completed 3\n[0-9a-f-]{36} completed\n$/);
  });
});
