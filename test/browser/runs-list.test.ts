import { gzipSync } from "node:zlib";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { passMinute, setHidden, untilAnswered } from "../harness/browser/page-time.ts";
import { eventually } from "../harness/clients/client.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

/** Rows of the long list; 10,000 is the full size. */
const LISTED = Number(process.env["LISTED_RUNS"] ?? 250);
const MAX_FIRST_LOAD = 250_000;

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launchBrowser()]);
  await stack.admin.publish("quick", { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } });
  await stack.admin.expect([200], "POST", "/flows/quick/pause", {});
  for (let left = LISTED; left > 0; left -= 100) {
    const records = Array.from({ length: Math.min(100, left) }, (_, n) => ({ payload: { n } }));
    await stack.admin.expect([200], "POST", "/flows/quick/runs/batch", { records });
  }
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const FIRST: readonly (readonly [path: string, user: string, shown: (page: Page) => Locator])[] = [
  ["/", "operator", (page) => page.getByRole("button", { name: "Lift this hold" })],
  ["/demo/monitoring/workflow-runs", "viewer", (page) => page.getByRole("table", { name: "Runs" })],
];

test.each(FIRST)("the first load of %s is light", async (path, user, shown) => {
  const context = await browser.newContext({ baseURL: stack.url });
  const page = await context.newPage();
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (new URL(response.url()).pathname.endsWith(".js"))
      sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto(path);
  await page.getByRole("button", { name: user, exact: true }).click();
  await shown(page).waitFor();
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThanOrEqual(MAX_FIRST_LOAD);
  await context.close();
});

test("a long list renders few rows, scrolls to its end and announces new runs", async () => {
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/monitoring/workflow-runs");
  const { page } = visitor;
  const rows = page.locator("tr[data-run]");
  await rows.first().waitFor();
  expect(await rows.count()).toBeLessThan(80);
  const table = page.getByRole("table", { name: "Runs" });
  await eventually(async () => {
    await page.mouse.wheel(0, 20_000);
    return (await table.getAttribute("aria-rowcount")) === String(LISTED + 1) || undefined;
  }, 120);
  await page.mouse.wheel(0, LISTED * 60);
  await page.locator(`tr[aria-rowindex="${LISTED + 1}"]`).waitFor();
  expect(await rows.count()).toBeLessThan(80);

  await page.reload();
  await rows.first().waitFor();
  const before = await rows.first().getAttribute("data-run");
  await page.clock.install();
  await page.reload();
  await rows.first().waitFor();
  const { runId } = await stack.admin.dispatch("quick", {});
  await page.clock.runFor(11_000);
  const notice = page.getByRole("button", { name: "1 new run" });
  await notice.waitFor();
  // Nothing has jumped under the pointer.
  expect(await rows.first().getAttribute("data-run")).toBe(before);
  await notice.click();
  await page.locator(`tr[data-run="${runId}"]`).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 180_000);

test("rows change in their places by one call, at most twelve a minute, and none while hidden", async () => {
  const wait = { Type: "Wait", Seconds: 3600, End: true };
  await stack.admin.publish("waits", { StartAt: "Later", States: { Later: wait } });
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/flows");
  const { page } = visitor;
  let calls = 0;
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.startsWith("/v1/")) calls += 1;
  });
  await page.clock.install();
  for (const list of ["workflow-runs", "attention?include=waiting"]) {
    const { runId } = await stack.admin.dispatch("waits", {});
    await stack.admin.untilStatus(runId, "waiting");
    const other = await stack.admin.dispatch("waits", {});
    await stack.admin.untilStatus(other.runId, "waiting");
    await page.goto(`/demo/monitoring/${list}`);
    const row = page.locator(`tr[data-run="${runId}"]`);
    await row.locator('[data-status="waiting"]').waitFor();
    const place = await row.getAttribute("aria-rowindex");
    calls = 0;
    await passMinute(page);
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(12);
    await stack.admin.expect([200], "POST", `/runs/${runId}/cancel`, {});
    await page.clock.runFor(6_500);
    await row.locator('[data-status="cancelled"]').waitFor();
    expect(await row.getAttribute("aria-rowindex")).toBe(place);
    await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
  }
  await setHidden(page, true);
  calls = 0;
  await passMinute(page);
  expect(calls).toBe(0);
  await page.goto("/demo");
  await page.getByRole("region", { name: "Held flows" }).getByText("Paused by admin").waitFor();
  await untilAnswered();
  calls = 0;
  await passMinute(page);
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThanOrEqual(12);
  await setHidden(page, true);
  calls = 0;
  await passMinute(page);
  expect(calls).toBe(0);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("filters are in the URL, a view keeps them, and selected runs are acted on together", async () => {
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/monitoring/workflow-runs");
  const { page } = visitor;
  await page.getByLabel("Flow ID").fill("quick");
  await page.waitForURL(/flowId=quick/);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save these filters" }).click();
  await page.getByLabel("Name").fill("Quick ones");
  await page.getByLabel("Share with everyone in the workspace").check();
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByText("View saved").waitFor();

  const boxes = page.getByRole("checkbox", { name: /^Select run / });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole("toolbar", { name: "Selected runs" }).getByText("2 selected").waitFor();
  await page.getByRole("toolbar").getByRole("button", { name: "Cancel", exact: true }).click();
  const sent = page.waitForRequest((request) => /"revs":\[\d+,\d+\]/.test(request.postData() ?? ""));
  await page.getByRole("button", { name: "Cancel 2 runs" }).click();
  await sent;
  await page.getByText("2 of 2 runs: 2 cancelled").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator('tr[data-run] [data-status="cancelled"]').nth(1).waitFor();
  await visitor.close();

  const other = await Visitor.of(browser, stack.url, "viewer", "/demo/monitoring/workflow-runs");
  await other.page.getByRole("button", { name: "Views" }).click();
  await other.page.getByRole("menuitem", { name: "Quick ones" }).click();
  await other.page.waitForURL(/flowId=quick/);
  // People who may only read cannot select runs.
  expect(await other.page.getByRole("checkbox", { name: /^Select/ }).count()).toBe(0);
  expect([...visitor.complaints, ...other.complaints]).toEqual([]);
  await other.close();
});
