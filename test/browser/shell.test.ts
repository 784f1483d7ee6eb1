import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { analysisOf, untilNoWider } from "../harness/browser/findings.ts";
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
const PARTS: Readonly<Record<string, readonly string[]>> = {
  viewer: ["Failed most in 24 hours", "Held flows", "Longest under way"],
  member: ["Failed most in 24 hours", "Waits for you", "Longest under way"],
};
/** The widths and colors in which the home page is walked through. */
const LOOKS = [
  [390, "light"],
  [1440, "light"],
  [1440, "dark"],
  [390, "dark"],
] as const;
/** The addresses that the page has read. */
const ASKED = `performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.includes("/v1/")).join()`;
const sectionsOf = (page: Page) => page.getByRole("navigation", { name: "Sections" }).getByRole("link");

test("each role sees its sections, each tab its title, and an unknown address keeps the navigation", async () => {
  const { runId } = await stack.admin.dispatch("waits", {});
  const expected: Readonly<Record<string, readonly string[]>> = {
    viewer: ["Home", "Runs", "Paused and failed", "Failures", "Flows", "Incidents", "Settings"],
    member: ["Home", "Runs", "Paused and failed", "Failures", "Inbox"],
  };
  for (const [user, sections] of Object.entries(expected)) {
    const visitor = await Visitor.of(browser, stack.url, user, "/demo");
    const { page } = visitor;
    await page.getByRole("heading", { name: "Longest under way" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/demo");
    expect(await sectionsOf(page).allTextContents()).toEqual(sections);
    expect(await sectionsOf(page).and(page.locator('[aria-current="page"]')).allTextContents()).toEqual([
      "Home",
    ]);
    // What a role may not read is neither asked for nor shown.
    const parts = await page.getByRole("main").getByRole("heading", { level: 2 }).allTextContents();
    expect(parts).toEqual(PARTS[user]);
    expect(await page.evaluate(ASKED)).not.toMatch(user === "viewer" ? /inbox|startedBy/ : /\/flows/);
    expect(visitor.complaints).toEqual([]);
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
  await page.waitForURL("**/demo");
  await page.getByRole("heading", { name: "Home", exact: true }).waitFor();
  await page.goto("/demo/monitoring");
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
  const { runId } = await admin.dispatch("orders", { orderId: "C-4" });
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
  await find("/", "C-4", "AddressMissing in Refuse: no street");
  expect(await option("All runs with orderId C-4").count()).toBe(1);
  const { violations } = await analysisOf(page);
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
  await find("/", "orderId=C-4", "All runs with orderId C-4");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${RUNS}?attribute.orderId=C-4`);
  await page.locator(`tr[data-run="${runId}"]`).waitFor();
  await find("/", runId, "orders · C-4");
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
  await untilNoWider(page, 390);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a new workspace offers the example, which can be published unchanged", async () => {
  const platform = await stack.as("platform");
  await platform.expect([200, 201], "PUT", "/v1/workspaces/fresh", { admins: ["admin"] });
  const visitor = await Visitor.of(browser, stack.url, "admin", "/fresh");
  const { page } = visitor;
  await page.getByRole("button", { name: "Publish the example" }).click();
  const dialog = page.getByRole("dialog", { name: "New flow" });
  await dialog.getByLabel("Flow ID").fill("orders");
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByText("Version 1 published").waitFor();
  await dialog.waitFor({ state: "detached" });
  // The next step: a record for the flow.
  await page.getByText(/No run is under way.*npx sluice runs dispatch orders/).waitFor();
  // The header leads to another workspace, and remembers the ones that the person belongs to.
  await page.getByRole("button", { name: "Workspace fresh" }).click();
  await page.getByRole("menuitem", { name: "Another workspace…" }).click();
  await page.getByRole("textbox", { name: "Workspace" }).fill("demo");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Workspace demo" }).click();
  await page.getByRole("menuitem", { name: "fresh" }).waitFor();
  expect(await page.getByRole("menuitem").allTextContents()).toEqual(["demo", "fresh", "Another workspace…"]);
  await page.getByRole("menuitem", { name: "fresh" }).click();
  await page.waitForURL("**/fresh");
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("from the home page: why A-17 has not shipped, what failed most, who paused the flow, and how it goes on", async () => {
  const { admin, operator } = stack;
  await admin.publish("shipping", {
    Sluice: { Index: { orderId: "$.orderId" } },
    StartAt: "Pack",
    States: {
      Pack: { Type: "Wait", Seconds: 2, Next: "Ship" },
      Ship: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Shipped?" }, End: true },
    },
  });
  await admin.publish("labels", {
    StartAt: "Print",
    States: { Print: { Type: "Fail", Error: "PrinterJam", Cause: "tray 2" } },
  });
  const { runId } = await admin.dispatch("shipping", { orderId: "A-17" });
  await operator.expect([200], "POST", "/flows/shipping/pause", { reason: "the carrier is on strike" });
  for (let n = 0; n < 3; n += 1) {
    const failing = await admin.dispatch("labels", {});
    await admin.untilStatus(failing.runId, "failed");
  }
  await admin.until(runId, (run) => run.status === "paused" && run.parkedAt !== undefined);

  const visitor = await Visitor.of(browser, stack.url, "operator", "/");
  const { page } = visitor;
  const part = (name: string) => page.getByRole("region", { name });
  for (const [width, colorScheme] of LOOKS) {
    const isLast = width === 390 && colorScheme === "dark";
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.goto("/demo");
    await part("Held flows").getByText("Paused by operator: the carrier is on strike").waitFor();
    await part("Failed most in 24 hours").getByText("PrinterJam").waitFor();
    const { violations } = await analysisOf(page);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await untilNoWider(page, width);
    if (width === 1440 && colorScheme === "light") continue;
    if (width === 390 && !isLast) continue;

    // Why order A-17 has not shipped: one click, the number, Enter.
    await page.getByRole("button", { name: "Find a run" }).click();
    const dialog = page.getByRole("dialog", { name: "Find" });
    await dialog.locator("input:focus").waitFor();
    await page.keyboard.type("A-17");
    await dialog.getByRole("option").filter({ hasText: "Its flow is paused" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${RUNS}/${runId}`);
    await page.getByText("Paused by operator: the carrier is on strike").first().waitFor();

    // What failed most today: the first line; one click to its runs.
    await page.goBack();
    const most = part("Failed most in 24 hours")
      .getByRole("link", { name: /^\d+ runs?: / })
      .first();
    expect(await most.textContent()).toBe("3 runs: PrinterJam in Print");
    await most.click();
    await page.waitForURL(/workflow-runs\?failure=/);
    await page.locator("tr[data-run]").nth(2).waitFor();

    // Who paused the flow, and how to let it go on: on the home page; a click, and another to confirm.
    await page.goBack();
    await part("Held flows").getByRole("button", { name: "Lift this hold" }).click();
    await page.getByRole("dialog", { name: "Lift this hold?" }).waitFor();
    if (!isLast) continue;
    await page.getByRole("button", { name: "Lift hold", exact: true }).click();
    await part("Held flows").getByText("No flow is held.").waitFor();
  }
  await admin.until(runId, ({ status }) => status === "waiting");
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
