import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { passMinute, setHidden, untilAnswered } from "../harness/browser/page-time.ts";
import { tokenFor } from "../harness/clients/client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("charge", "ship"), launchBrowser()]);
  const task = (name: string) => ({ Type: "Task", Resource: lambdaArn(name) });
  await stack.admin.publish("orders", {
    StartAt: "Charge",
    States: { Charge: { ...task("charge"), Next: "Ship" }, Ship: { ...task("ship"), End: true } },
  });
  await stack.admin.publish("waits", {
    StartAt: "Later",
    States: { Later: { Type: "Wait", Seconds: 3600, End: true } },
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const address = (runId: string) => `/demo/monitoring/workflow-runs/${runId}`;
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const badge = (page: Page, status: string) => page.locator(`h1 + [data-status="${status}"]`);
/** A run inside its first step, which continues when `charge` is released. */
const running = async () => {
  stack.functions.block("charge");
  const { runId } = await stack.admin.dispatch("orders", { order: 7 });
  await stack.admin.until(runId, (run) => run.currentStep === "Charge");
  return runId;
};

test("a user pauses, resumes and cancels a run as documented", async () => {
  const runId = await running();
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/monitoring/workflow-runs");
  const { page } = visitor;
  await page.getByRole("link", { name: runId }).click();
  await badge(page, "running").waitFor();

  await button(page, "Pause").click();
  await page.getByText("Workflow run paused").waitFor();
  await badge(page, "paused").waitFor();
  expect(await button(page, "Pause").count()).toBe(0);
  await page.getByText("Step Charge is still running").waitFor();
  stack.functions.release("charge");
  await stack.admin.until(runId, (run) => run.parkedAt !== undefined);
  await button(page, "Refresh").click();
  await page.getByText("The run keeps its place").waitFor();

  stack.functions.block("ship");
  await button(page, "Resume").click();
  await page.getByText("Workflow run resumed").waitFor();
  await badge(page, "running").waitFor();

  await button(page, "Cancel").click();
  const dialog = page.getByRole("dialog", { name: "Cancel workflow run?" });
  await dialog
    .getByText("This will cancel all pending and running steps. This action cannot be undone.")
    .waitFor();
  await dialog.getByRole("button", { name: "Keep running" }).click();
  await dialog.waitFor({ state: "hidden" });
  await button(page, "Cancel").click();
  await dialog.getByLabel("Reason for cancellation (optional)").waitFor();
  await dialog.getByRole("button", { name: "Cancel run" }).click();
  await page.getByText("Workflow run cancelled").waitFor();
  await badge(page, "cancelled").waitFor();
  await page.getByText("Cancelled by user").waitFor();
  for (const name of ["Pause", "Resume", "Cancel"]) expect(await button(page, name).count()).toBe(0);
  stack.functions.release("ship");
  expect(stack.functions.count("charge")).toBe(1);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a stale tab is told to refresh, and nothing is applied", async () => {
  const runId = await running();
  const visitor = await Visitor.of(browser, stack.url, "operator", address(runId));
  const { page } = visitor;
  await badge(page, "running").waitFor();
  await stack.admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  await stack.admin.expect([200], "POST", `/runs/${runId}/resume`, {});
  await button(page, "Pause").click();
  await page.getByText("Failed to pause workflow run").waitFor();
  await page.getByText("State changed; please refresh").waitFor();
  expect((await stack.admin.run(runId)).status).toBe("running");

  await stack.admin.expect([200], "POST", `/runs/${runId}/cancel`, {});
  await button(page, "Pause").click();
  await page.getByText("Run is already cancelled").waitFor();
  await badge(page, "cancelled").waitFor();
  stack.functions.release("charge");
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a user sets a breakpoint on the graph, and lets one step run", async () => {
  const runId = await running();
  const visitor = await Visitor.of(browser, stack.url, "operator", address(runId));
  const { page } = visitor;
  const state = (name: string) => page.locator(`[data-state="${name}"]`);
  await page.getByRole("tab", { name: "Graph" }).click();
  await state("Ship").click();
  await button(page, "Set breakpoint").click();
  await page.getByText("Breakpoint set").waitFor();
  await page.getByText("Pauses before “Ship”").waitFor();
  await page.locator('[data-state="Ship"][data-breakpoint]').waitFor();
  stack.functions.release("charge");
  await stack.admin.until(runId, (run) => run.parkedAt !== undefined);
  await button(page, "Refresh").click();
  await page.getByText("Breakpoint at Ship").waitFor();
  await page.locator('[data-state="Ship"][data-status="parked"]').waitFor();
  await page.locator('[data-state="Charge"][data-status="completed"]').waitFor();
  stack.functions.block("ship");
  await button(page, "One step").click();
  await page.getByText("Pauses after").waitFor();
  await page.locator("[data-breakpoint]").waitFor({ state: "detached" });
  stack.functions.release("ship");
  await stack.admin.untilStatus(runId, "completed");
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a viewer sees no buttons; an expired session leads to sign-in and back", async () => {
  const { runId } = await stack.admin.dispatch("waits", {});
  await stack.admin.untilStatus(runId, "waiting");
  const visitor = await Visitor.of(browser, stack.url, "viewer", address(runId));
  const { page } = visitor;
  await badge(page, "waiting").waitFor();
  await page.getByText("until").first().waitFor();
  for (const name of ["Pause", "Resume", "Cancel", "Replay"])
    expect(await button(page, name).count()).toBe(0);

  const expired = await tokenFor(stack.url, { user: "viewer", expiresIn: -60 });
  await page.evaluate(
    `sessionStorage.setItem("sluice.session", ${JSON.stringify(JSON.stringify({ token: expired, userId: "viewer" }))})`,
  );
  await page.reload();
  await page.getByRole("heading", { name: "Sign in to Sluice" }).waitFor();
  await page.getByRole("button", { name: "operator", exact: true }).click();
  await badge(page, "waiting").waitFor();
  expect(new URL(page.url()).pathname).toBe(address(runId));
  await button(page, "Cancel").waitFor();
  expect(await page.evaluate("Object.keys(localStorage).join()")).not.toContain("session");
  expect(page.url()).not.toMatch(/eyJ/);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("the page polls as often as the status requires, and not while it is hidden", async () => {
  const runId = await running();
  const visitor = await Visitor.of(browser, stack.url, "viewer", "/demo/flows");
  const { page } = visitor;
  await page.clock.install();
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith(`/runs/${runId}`)) asked += 1;
  });
  /** Requests for the run in a minute of the browser's time. */
  const inAMinute = async () => {
    await untilAnswered();
    asked = 0;
    await passMinute(page);
    return asked;
  };
  await page.goto(address(runId));
  await badge(page, "running").waitFor();
  expect(await inAMinute()).toBeGreaterThanOrEqual(5);
  expect(asked).toBeLessThanOrEqual(7);

  await stack.admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  await button(page, "Refresh").click();
  await badge(page, "paused").waitFor();
  // Its step still runs: the page soon shows that it has ended.
  expect(await inAMinute()).toBeGreaterThanOrEqual(5);
  expect(asked).toBeLessThanOrEqual(7);

  await stack.admin.expect([200], "POST", `/runs/${runId}/resume`, {});
  await button(page, "Refresh").click();
  await badge(page, "running").waitFor();
  await setHidden(page, true);
  expect(await inAMinute()).toBe(0);
  asked = 0;
  await setHidden(page, false);
  await untilAnswered();
  expect(asked).toBe(1);

  stack.functions.release("charge");
  await stack.admin.untilStatus(runId, "completed");
  await button(page, "Refresh").click();
  await badge(page, "completed").waitFor();
  expect(await inAMinute()).toBe(0);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a resume is refused if the run's user lacks permissions, and an administrator may override it", async () => {
  await stack.admin.expect([200, 201], "PUT", "/members/kim", { role: "member", permissions: ["pay"] });
  const charge = { Type: "Task", Resource: lambdaArn("charge"), Next: "Pay" };
  const pay = { Type: "Task", Resource: lambdaArn("ship"), Sluice: { Requires: ["pay"] }, End: true };
  await stack.admin.publish("wages", { StartAt: "Charge", States: { Charge: charge, Pay: pay } });
  stack.functions.block("charge");
  const { runId } = await (await stack.as("kim")).dispatch("wages", {});
  await stack.admin.until(runId, (run) => run.currentStep === "Charge");
  await stack.admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  stack.functions.release("charge");
  await stack.admin.expect([200], "PUT", "/members/kim", { role: "member", permissions: [] });
  const visitor = await Visitor.of(browser, stack.url, "admin", address(runId));
  const { page } = visitor;
  await button(page, "Resume").click();
  await page.getByText("Failed to resume workflow run").waitFor();
  const dialog = page.getByRole("dialog", { name: "Resume anyway?" });
  expect(await dialog.textContent()).toMatch(/kim.*"Pay" needs pay/);
  await dialog.getByRole("button", { name: "Resume with override" }).click();
  await page.getByText("Workflow run resumed").waitFor();
  await stack.admin.untilStatus(runId, "completed");
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});
