import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../support/browser.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;
let browser: Browser;
let visitor: Visitor;
const runs: Record<string, string> = {};
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launchBrowser()]);
  const { admin } = stack;
  const wait = { Type: "Wait", Seconds: 3600, End: true };
  await admin.publish("waits", { StartAt: "Later", States: { Later: wait } });
  await admin.publish("fails", {
    StartAt: "Stop",
    States: { Stop: { Type: "Fail", Error: "Bad", Cause: "luck" } },
  });
  await admin.publish("asks", {
    StartAt: "Ask",
    States: {
      Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Ship it?" }, End: true },
    },
  });
  for (const [flow, status] of [
    ["waits", "waiting"],
    ["fails", "failed"],
    ["asks", "waiting"],
  ] as const) {
    const { runId } = await admin.dispatch(flow, { secret: 1 });
    await admin.untilStatus(runId, status);
    runs[flow] = runId;
  }
  await admin.expect([200], "POST", "/flows/waits/pause", { reason: "a look at the page" });
  visitor = await Visitor.of(browser, stack.url, "admin");
});
afterAll(async () => {
  await visitor?.close();
  await browser?.close();
  await stack?.close();
});

const PAGES: readonly (readonly [string, () => string, string])[] = [
  ["runs", () => "/demo/monitoring/workflow-runs", "Runs"],
  ["a waiting run", () => `/demo/monitoring/workflow-runs/${runs["waits"]}`, "Later"],
  ["a failed run", () => `/demo/monitoring/workflow-runs/${runs["fails"]}`, "luck"],
  ["paused and failed", () => "/demo/monitoring/attention", "Bad in Stop"],
  ["flows", () => "/demo/flows", "asks"],
  ["a paused flow", () => "/demo/flows/waits", "a look at the page"],
  ["inbox", () => "/demo/inbox", "Ship it?"],
  ["settings", () => "/demo/settings", "operator"],
  ["help", () => "/help/run-statuses", "The seven statuses"],
  [
    "nothing there",
    () => "/demo/monitoring/workflow-runs/00000000-0000-7000-8000-000000000000",
    "Nothing here",
  ],
];

test.each(PAGES)(
  "%s: no serious finding, light or dark, and nothing wider than a phone",
  async (_name, path, told) => {
    const { page } = visitor;
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(path());
      await page.getByText(told).first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`,
        );
      expect(serious).toEqual([]);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    await page.getByText(told).first().waitFor();
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(360);
    expect(visitor.complaints).toEqual([]);
  },
);
