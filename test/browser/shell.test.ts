import { AxeBuilder } from "@axe-core/playwright";
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

test("find opens runs, flows and lists by keyboard, from the whole id, a name, an attribute's value or an error", async () => {
  const { admin } = stack;
  await admin.publish("orders", {
    Sluice: { Index: { orderId: "$.orderId" } },
    StartAt: "Refuse",
    States: { Refuse: { Type: "Fail", Error: "AddressMissing", Cause: "no street" } },
  });
  const { runId } = await admin.dispatch("orders", { orderId: "A-17" });
  await admin.untilStatus(runId, "failed");
  const visitor = await Visitor.of(browser, stack.url, "viewer", RUNS);
  const { page } = visitor;
  const dialog = page.getByRole("dialog", { name: "Find" });
  const option = (text: string) => dialog.getByRole("option").filter({ hasText: text });
  const find = async (key: string, text: string, expected: string) => {
    await page.keyboard.press(key);
    await dialog.locator("input:focus").waitFor();
    await page.keyboard.type(text);
    await option(expected).first().waitFor();
  };
  await page.getByRole("table", { name: "Runs" }).waitFor();
  await find("/", "A-17", "AddressMissing in Refuse: no street");
  expect(await option("All runs with orderId A-17").count()).toBe(1);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${RUNS}/${runId}`);
  // A time shows how long ago it was, and itself on hover and when the Tab key reaches it.
  const time = page.locator("dl time").first();
  expect(await time.textContent()).toBe("just now");
  const itself = page.getByRole("tooltip").filter({ hasText: /^[A-Z].*\d{4}.* UTC\)$/ });
  await time.hover();
  await itself.waitFor();
  await page.mouse.move(0, 0);
  await itself.waitFor({ state: "detached" });
  await page.locator("dl a").first().focus();
  await page.keyboard.press("Tab");
  await itself.waitFor();

  await find("Control+k", "wai", "waits");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/demo/flows/waits");
  await find("/", "dressmiss", "All runs with “dressmiss” in their error");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/demo/monitoring/attention?error=dressmiss");
  await find("/", "orderId=A-17", "All runs with orderId A-17");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${RUNS}?attribute.orderId=A-17`);
  await page.locator(`tr[data-run="${runId}"]`).waitFor();
  await find("/", runId, "orders · A-17");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  // A slash in a field is text. The times that are ready-made become part of the address.
  await page.getByLabel("Error contains").press("/");
  expect(await page.getByLabel("Error contains").inputValue()).toBe("/");
  await page.getByLabel("Error contains").fill("");
  await page.getByLabel("Created", { exact: true }).selectOption("Last hour");
  await page.waitForURL(/createdAfter=/);
  await page.locator(`tr[data-run="${runId}"]`).waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole("button", { name: "Find" }).click();
  await dialog.locator("input:focus").waitFor();
  await page.keyboard.type("nothing like that");
  await dialog.getByText("Nothing found.").waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
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
  // The page reads the run again when the connection is back. An action that waited would have been sent before.
  const isRead = page.waitForResponse((response) => response.url().endsWith(`/runs/${runId}`));
  await visitor.context.setOffline(false);
  await Promise.all([isRead, page.getByText("Connection lost").waitFor({ state: "detached" })]);
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
