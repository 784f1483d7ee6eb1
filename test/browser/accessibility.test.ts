import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { fitsPhone, seriousFindings } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { dailyPart } from "../harness/daily-part.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

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
  await eventually(async () => {
    const { items } = await admin.expect<{ items: unknown[] }>([200], "GET", "/inbox");
    return items.length > 0 || undefined;
  });
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
  ["failures", () => "/demo/monitoring/failures", "Bad in Stop"],
  ["flows", () => "/demo/flows", "asks"],
  ["a paused flow", () => "/demo/flows/waits", "a look at the page"],
  ["inbox", () => "/demo/inbox", "Ship it?"],
  ["settings", () => "/demo/settings", "operator"],
  ["help", () => "/help/run-statuses", "The seven statuses"],
  ["nothing there", () => "/demo/monitoring/workflow-runs/00000000-0000-7000-8000-000000000000", "Not found"],
];

/** One day light, the next day dark. */
const COLOR_SCHEME = dailyPart(2) === 0 ? "light" : "dark";

/** Two days one half of the pages, two days the other one, or all with `AXE=all`. */
const TODAY = PAGES.filter(
  (_page, index) => process.env["AXE"] === "all" || index % 2 === Math.floor(dailyPart(4) / 2),
);

test.each(TODAY)(
  `%s: no serious findings in ${COLOR_SCHEME} mode, and nothing wider than a phone`,
  async (_name, path, told) => {
    const { page } = visitor;
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: COLOR_SCHEME });
    await page.goto(path());
    await page.getByText(told).first().waitFor();
    expect(await seriousFindings(page, undefined, true)).toEqual([]);
    await fitsPhone(page, 360);
    expect(visitor.complaints).toEqual([]);
  },
);

test("dialogs have no serious findings and can be opened and closed by keyboard", async () => {
  const { page } = visitor;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  const dialog = page.getByRole("dialog");
  const press = async (name: string, role: "button" | "menuitem" = "button") => {
    await page.getByRole(role, { name, exact: true }).focus();
    await page.keyboard.press("Enter");
  };
  const opened = async (title: string) => {
    await page.getByRole("dialog", { name: title }).waitFor();
    // What is below the dialog has a test of its own.
    expect(await seriousFindings(page, "[role=dialog]", true)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  };
  await page.goto(`/demo/monitoring/workflow-runs/${runs["waits"]}`);
  await press("Cancel");
  await opened("Cancel workflow run?");
  await page.goto(`/demo/monitoring/workflow-runs/${runs["fails"]}`);
  await press("Replay");
  await opened("Replay workflow run");
  await page.goto("/demo/flows/waits");
  await press("Lift this hold");
  await opened("Lift this hold?");
  await page.goto("/demo/flows/asks");
  for (const [item, title] of [
    ["Pause", "Pause flow?"],
    ["Caps", "Caps"],
    ["Delete", "Delete flow?"],
  ] as const) {
    await press("Actions");
    await page.getByRole("menuitem", { name: item }).waitFor();
    await press(item, "menuitem");
    await opened(title);
  }
  await press("Edit and publish");
  await page.locator(".cm-editor").waitFor();
  await opened("Publish a new version of asks");
  expect(visitor.complaints).toEqual([]);
}, 60_000);
