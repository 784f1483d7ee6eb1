import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../support/browser.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

test("a person pauses, resumes and cancels a run", async () => {
  await stack.admin.publish("pages", {
    StartAt: "Wait",
    States: { Wait: { Type: "Wait", Seconds: 3600, Next: "Done" }, Done: { Type: "Succeed" } },
  });
  const run = await stack.admin.dispatch("pages", { order: 1 });
  await stack.admin.untilStatus(run.runId, "waiting");
  const visitor = await Visitor.of(
    browser,
    stack.url,
    "operator",
    `/demo/monitoring/workflow-runs/${run.runId}`,
  );
  const { page } = visitor;
  await page.getByRole("heading", { name: run.runId }).waitFor();
  await page.screenshot({ path: "/tmp/run.png" });
  expect(await page.getByRole("button", { name: "Pause", exact: true }).count()).toBe(0);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByText("Workflow run cancelled").waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});
