import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { analysisOf } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("charge", "ship"), launchBrowser()]);
  const task = (name: string) => ({ Type: "Task", Resource: lambdaArn(name) });
  await stack.admin.publish("orders", {
    StartAt: "Charge",
    States: { Charge: { ...task("charge"), Next: "Ship" }, Ship: { ...task("ship"), End: true } },
  });
  await stack.admin.publish("stops", {
    StartAt: "Stop",
    States: { Stop: { Type: "Fail", Error: "Bad", Cause: "luck" } },
  });
  visitor = await Visitor.of(browser, stack.url, "admin", "/demo/flows");
});
afterAll(async () => {
  await visitor?.close();
  await browser?.close();
  await stack?.close();
});

const address = (runId: string) => `/demo/monitoring/workflow-runs/${runId}`;
const fact = (name: string) =>
  visitor.page
    .locator("dl > *")
    .filter({ has: visitor.page.getByText(name, { exact: true }) })
    .locator("dd");

test("a failed run shows its message and its stack trace; one that failed before a step shows its start", async () => {
  const { page } = visitor;
  stack.functions.fail("charge", "NoMoney");
  const { runId } = await stack.admin.dispatch("orders", {});
  await stack.admin.untilStatus(runId, "failed");
  stack.functions.mend("charge");
  const stopped = await stack.admin.dispatch("stops", {});
  await stack.admin.untilStatus(stopped.runId, "failed");

  await page.goto("/demo/monitoring/attention");
  const why = page.locator(`tr[data-run="${runId}"] td[data-column="why"]`);
  await why.waitFor();
  expect(await why.textContent()).toBe("NoMoney in Charge: charge was told to fail");

  await page.goto(address(runId));
  const alert = page.getByRole("alert").filter({ hasText: "NoMoney in Charge" });
  await alert.getByText("charge was told to fail", { exact: true }).waitFor();
  const lines = (await alert.getByRole("group", { name: "Stack trace" }).textContent())?.split("\n") ?? [];
  expect(lines[0]).toMatch(/^at .*handler/);
  await alert.getByRole("button", { name: "Show whole cause" }).click();
  await alert.getByRole("region", { name: "Whole cause" }).locator('[data-line="$.errorType"]').waitFor();
  // A run that is over has nothing left that would not happen.
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const text = await page.getByRole("dialog", { name: "Delete workflow run?" }).textContent();
  expect(text).toContain("permanently");
  expect(text).not.toContain("does not continue");
  await page.keyboard.press("Escape");

  await page.goto(address(stopped.runId));
  await page.getByText("Bad in Stop").waitFor();
  expect(await fact("Started").textContent()).not.toBe("–");
});

test("a paused run stands after one step and before the next, in the list and on the graph", async () => {
  const { page } = visitor;
  stack.functions.block("charge");
  const { runId } = await stack.operator.dispatch("orders", {});
  await stack.admin.until(runId, (run) => run.currentStep === "Charge");
  await stack.operator.expect([200], "POST", `/runs/${runId}/pause`, { reason: "a look" });
  const row = page.locator(`tr[data-run="${runId}"] td[data-column="why"]`);
  await page.goto("/demo/monitoring/attention");
  await row.getByText("Paused by operator at Charge: a look").waitFor();
  stack.functions.release("charge");
  await stack.admin.until(runId, (run) => run.stoppedBefore === "Ship");
  await row.getByText("Paused by operator after Charge, before Ship: a look").waitFor();
  await page.goto(address(runId));
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator('[data-state="Ship"][data-status="parked"]').waitFor();
  await page.locator('[data-state="Charge"][data-status="completed"]').waitFor();
  await stack.operator.expect([200], "POST", `/runs/${runId}/cancel`, {});
});

test("a queued run names its flow's queue and hold, and a held one does not offer what it has not", async () => {
  const { page } = visitor;
  stack.functions.block("charge");
  const held = await stack.admin.dispatch("orders", {});
  await stack.admin.until(held.runId, (run) => run.currentStep === "Charge");
  await stack.operator.expect([200], "POST", "/flows/orders/pause", { reason: "stocktaking" });
  const queued = await stack.admin.dispatch("orders", {});
  stack.functions.release("charge");
  await stack.admin.until(held.runId, (run) => run.parkedAt !== undefined);
  await page.goto(address(queued.runId));
  const notice = page.getByRole("alert").filter({ hasText: "Queued in orders" });
  await notice.getByText("Paused by operator: stocktaking.").waitFor();
  await notice.getByText("Records in the queue: 1.").waitFor();
  await page.goto(address(held.runId));
  await page.getByText("It continues when none of its flow’s holds keeps it.").waitFor();
  expect(await page.getByRole("button", { name: "Resume", exact: true }).count()).toBe(0);
  expect(visitor.complaints).toEqual([]);
});

test("an administrator reassigns an approval whose only assignee has left", async () => {
  const { page } = visitor;
  const Parameters = { Title: "Ship it?", Assignees: ["gone"] };
  await stack.admin.publish("asks", {
    StartAt: "Ask",
    States: { Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters, End: true } },
  });
  const { runId } = await stack.admin.dispatch("asks", {});
  await eventually(async () => (await stack.admin.steps(runId))[0]?.question !== undefined || undefined);
  await page.goto(address(runId));
  await page.getByRole("treeitem", { name: /^Ask/ }).click();
  await page.getByText("“Ship it?”, asked of gone.").waitFor();
  await page.getByRole("button", { name: "Reassign" }).click();
  const dialog = page.getByRole("dialog", { name: "Reassign step" });
  await dialog.getByLabel("User IDs").fill("member");
  await page.keyboard.press("Enter");
  // The suggestions, which may have come meanwhile, close with the field.
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Reassign" }).click();
  await page.getByText("Step reassigned").waitFor();
  await page.getByText("asked of member. Assigned by admin").waitFor();
  await stack.admin.expect([200], "POST", `/runs/${runId}/cancel`, {});
  expect(visitor.complaints).toEqual([]);
});

test("JSON folds, is searched, shows long values on request, and gives its paths, by keyboard", async () => {
  const { page } = visitor;
  const lines = Array.from({ length: 250 }, (_, n) => ({ sku: `sku-${n}` }));
  const { runId } = await stack.admin.dispatch("orders", { lines, note: "x".repeat(400), total: 3 });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(address(runId));
  await page.getByRole("tab", { name: "Trigger payload" }).click();
  const view = page.getByRole("region", { name: "Trigger payload" });
  const line = (path: string) => view.locator(`[data-line="${path}"]`);
  const copied = async (what: string) => {
    await view.getByRole("button", { name: what }).click();
    return page.evaluate<string>("navigator.clipboard.readText()");
  };
  await line("$.note").getByText("400 characters").waitFor();
  expect(await line("$.lines[240]").count()).toBe(0);
  await view.getByText("Show more (150 items left)").waitFor();

  await view.getByLabel("Search trigger payload").fill("SKU-240");
  await view.getByText("1 match", { exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await line("$.lines[240].sku").waitFor();
  expect(await copied("Copy path")).toBe("$.lines[240].sku");
  expect(await copied("Copy value")).toBe("sku-240");
  expect(JSON.parse(await copied("Copy trigger payload"))).toMatchObject({ total: 3 });

  await line("$.lines[240].sku").press("Home");
  await view.locator('[data-line="$"]:focus').waitFor();
  await page.keyboard.press("ArrowDown");
  await view.locator('[data-line="$.lines"]:focus').waitFor();
  await page.keyboard.press("ArrowLeft");
  await line("$.lines[240].sku").waitFor({ state: "detached" });
  expect(await line("$.lines").getAttribute("aria-expanded")).toBe("false");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await line("$.note").getByText("x".repeat(400)).waitFor();
  const { violations } = await analysisOf(page, ".json-view");
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});
