import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("charge"), launchBrowser()]);
  await stack.admin.publish("waits", {
    StartAt: "Later",
    States: { Later: { Type: "Wait", Seconds: 36_000, End: true } },
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const RUNS = "/demo/monitoring/workflow-runs";
const sectionsOf = (page: Page) => page.getByRole("navigation", { name: "Sections" }).getByRole("link");

test("each role sees its sections, each tab its title, and an unknown address keeps the navigation", async () => {
  const { runId } = await stack.admin.dispatch("waits", {});
  const expected: Readonly<Record<string, readonly string[]>> = {
    viewer: ["Runs", "Paused and failed", "Failures", "Flows", "Settings"],
    member: ["Runs", "Paused and failed", "Failures", "Inbox"],
  };
  for (const [user, sections] of Object.entries(expected)) {
    const visitor = await Visitor.of(browser, stack.url, user, "/demo");
    const { page } = visitor;
    await page.waitForURL(`**${RUNS}`);
    await page.getByRole("heading", { name: "Runs", exact: true }).waitFor();
    await sectionsOf(page).first().waitFor();
    expect(await sectionsOf(page).allTextContents()).toEqual(sections);
    await visitor.close();
  }
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/nowhere/at-all");
  const { page } = visitor;
  await page.getByRole("heading", { name: "Page not found" }).waitFor();
  expect(await page.title()).toBe("Page not found · demo · Sluice");
  await sectionsOf(page).getByText("Inbox").click();
  await page.getByRole("heading", { name: "Inbox" }).waitFor();
  expect(await page.title()).toBe("Inbox · demo · Sluice");
  await page.goto("/demo/flows/waits");
  await page.getByRole("heading", { name: "waits" }).waitFor();
  expect(await page.title()).toBe("waits · demo · Sluice");
  await page.goto(`${RUNS}/${runId}`);
  await page.getByRole("heading", { name: runId }).waitFor();
  expect(await page.title()).toBe(`waiting · waits ${runId} · demo · Sluice`);
  await page.goto("/help/nothing-there");
  await page.getByRole("heading", { name: "Page not found" }).waitFor();
  await page.getByRole("link", { name: "Go to the start" }).click();
  await page.waitForURL(`**${RUNS}`);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("offline, an action is refused at once and never sent; the page says that the connection is lost", async () => {
  const { runId } = await stack.admin.dispatch("waits", {});
  await stack.admin.untilStatus(runId, "waiting");
  const visitor = await Visitor.of(browser, stack.url, "operator", `${RUNS}/${runId}`);
  const { page } = visitor;
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await visitor.context.setOffline(true);
  await page.getByRole("alert").getByText("Connection lost").waitFor();
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByText("Failed to cancel workflow run").waitFor();
  await page.getByText("Cannot reach the service: this browser is offline. Nothing was sent").waitFor();
  await visitor.context.setOffline(false);
  await page.getByText("Connection lost").waitFor({ state: "detached" });
  // The page reads the run again when the connection is back. An action that waited would have been sent before.
  await page.waitForResponse((response) => response.url().endsWith(`/runs/${runId}`));
  expect((await stack.admin.run(runId)).status).toBe("waiting");

  // A service that does not answer is told too, without any word from the browser.
  await page.route("**/v1/**", (route) => route.abort());
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("alert").getByText("Connection lost").waitFor();
  await page.unroute("**/v1/**");
  await page.getByText("Connection lost").waitFor({ state: "detached" });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("the page shows when the clock of the local stack has been moved", async () => {
  const visitor = await Visitor.of(browser, stack.url, "viewer", RUNS);
  const { page } = visitor;
  await page.getByRole("heading", { name: "Runs", exact: true }).waitFor();
  expect(await page.getByText("The clock of this stack has been moved").count()).toBe(0);
  await stack.admin.expect([200], "POST", "/local/clock", { advanceBy: "P3D" });
  await page.getByRole("button", { name: "Refresh" }).click();
  const banner = page.getByRole("status").filter({ hasText: "The clock of this stack has been moved" });
  await banner.waitFor();
  expect(await banner.textContent()).toMatch(/[23] d \d+ h ahead/);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});
