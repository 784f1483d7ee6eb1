import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { analysisOf } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { tasks } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("ship"), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const STANDING = 3;
const FAILED = 4;

test("an operator finds the cause of many failures, looks at the runs and mends them all", async () => {
  const { admin, operator } = stack;
  const Refuse = { Type: "Fail", Error: "Card.Declined", CausePath: "$.cause" };
  await admin.publish("cards", { StartAt: "Refuse", States: { Refuse } });
  await admin.publish("parcels", tasks("ship"), { onFailure: "pause" });
  stack.functions.fail("ship", "CarrierDown");
  const parcels = await Promise.all(Array.from({ length: STANDING }, () => operator.dispatch("parcels", {})));
  for (let n = 1; n <= FAILED; n += 1) {
    const { runId } = await operator.dispatch("cards", { cause: `Card ${n * 1_000} was declined` });
    await operator.untilStatus(runId, "failed");
  }
  for (const { runId } of parcels)
    await operator.until(runId, (run) => run.pausedBy?.kind === "error" && run.parkedAt !== undefined);
  stack.functions.mend("ship");

  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/monitoring/workflow-runs");
  const { page } = visitor;
  await page.getByRole("link", { name: "Failures" }).click();
  const group = (text: string) => page.getByRole("row").filter({ hasText: text });
  const declined = group("Card.Declined in Refuse");
  await declined.getByText("Card … was declined").waitFor();
  expect(await declined.textContent()).toContain(`${FAILED} runs`);
  expect(await group("CarrierDown in ship").textContent()).toMatch(/parcels.*3 runs.*paused by the error/);

  await declined.getByRole("link", { name: `${FAILED} runs` }).click();
  await page.waitForURL(/workflow-runs\?failure=cards\./);
  await page
    .locator("tr[data-run]")
    .nth(FAILED - 1)
    .waitFor();
  expect(await page.locator("tr[data-run]").count()).toBe(FAILED);
  expect(await page.getByLabel("Failure group").inputValue()).toMatch(/^cards\.[0-9a-f]{16}$/);
  await page.locator("tr[data-run]").first().getByRole("link").first().click();
  await page.getByRole("link", { name: /^cards\.[0-9a-f]{16}$/ }).click();
  await page.waitForURL(/workflow-runs\?failure=cards\./);
  await page.getByRole("link", { name: "Failures" }).click();

  await page.getByRole("button", { name: "Mend 3 runs with CarrierDown" }).click();
  expect(await page.getByRole("menuitem").allTextContents()).toEqual(["Resume 3 runs"]);
  await page.getByRole("menuitem", { name: "Resume 3 runs" }).click();
  await page.getByRole("button", { name: "Resume 3 runs" }).waitFor();
  const { violations } = await analysisOf(page);
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
  await page.getByRole("button", { name: "Resume 3 runs" }).click();
  await page.getByText("3 of 3 runs: 3 resumed").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  for (const { runId } of parcels) await operator.untilStatus(runId, "completed");
  await group("CarrierDown in ship").waitFor({ state: "detached" });

  await page.getByLabel("Flow ID").fill("parcels");
  await page.getByText("No failures").waitFor();
  await page.waitForURL(/flowId=parcels/);
  await page.goto("/demo/monitoring/failures?since=P7D");
  await declined.waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  await eventually(
    async () => ((await page.evaluate("document.documentElement.scrollWidth")) as number) <= 390 || undefined,
  );
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 90_000);
