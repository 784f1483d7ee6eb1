import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import type { Incident } from "../../shared/model/schemas/incident.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { fitsPhone, seriousFindings } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("charge", "mail"), launchBrowser()]);
  await stack.admin.publish("orders", {
    StartAt: "Charge",
    States: { Charge: { Type: "Task", Resource: lambdaArn("charge"), End: true } },
  });
  await stack.admin.publish("letters", {
    StartAt: "Mail",
    States: { Mail: { Type: "Task", Resource: lambdaArn("mail"), End: true } },
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const flow = (id: string) => stack.admin.expect<Flow>([200], "GET", `/flows/${id}`);
const incident = (id: string) => stack.admin.expect<Incident>([200], "GET", `/incidents/${id}`);
const idOf = (page: Page): string => new URL(page.url()).pathname.split("/").at(-1) ?? "";
/** Chooses an entry of the menu Export, and returns the name and the text of the file that it saves. */
const exported = async (page: Page, as: string): Promise<readonly [name: string, text: string]> => {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).press("Enter");
  await page.getByRole("menuitem", { name: as }).press("Enter");
  const file = await saved;
  return [file.suggestedFilename(), readFileSync(await file.path(), "utf8")];
};

test("an operator opens an incident by keyboard, finds what it holds, and resolves it with a run that goes first", async () => {
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/incidents");
  const { page } = visitor;
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.getByRole("heading", { name: "No incidents" }).waitFor();
  await page.getByRole("button", { name: "Open an incident" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Open an incident" });
  const confirm = dialog.getByRole("button", { name: "Open incident" });
  expect(await confirm.isDisabled()).toBe(true);
  expect(await dialog.getByLabel("Hold every flow of the workspace").count()).toBe(0);
  await page.keyboard.type("Payment is down");
  await dialog.getByLabel("What is broken").focus();
  await page.keyboard.type("nothing-of-ours");
  await page.keyboard.press("Enter");
  const preview = dialog.getByRole("region", { name: "What the incident holds" });
  await preview.getByText("No flow calls it.").waitFor();
  await page.keyboard.press("Backspace");
  await page.keyboard.type("charge");
  await page.keyboard.press("Enter");
  await preview.getByText("orders: Charge").waitFor();
  expect(await preview.getByRole("listitem").count()).toBe(1);
  await dialog.getByLabel("Note (optional)").fill("Two hours, says their page");
  expect(await seriousFindings(page, "[role=dialog]")).toEqual([]);
  await confirm.press("Enter");
  await page.getByRole("heading", { name: "Payment is down" }).waitFor();
  const id = idOf(page);
  await page.locator('tr[data-flow="orders"][data-state="held"]').getByText("Charge").waitFor();
  expect((await flow("letters")).holds).toEqual([]);
  const timeline = page.locator("[data-event]");
  await timeline.getByText("Two hours, says their page").waitFor();

  const runs = [
    await stack.admin.dispatch("orders", { n: 1 }),
    await stack.admin.dispatch("orders", { n: 2 }),
  ];
  for (const { runId } of runs) await stack.admin.untilStatus(runId, "paused");
  await page.goto(`/demo/monitoring/workflow-runs/${runs[0]?.runId}`);
  await page.getByText("Charge held by an incident: Payment is down.").waitFor();
  await page.getByRole("link", { name: "Show the incident" }).click();
  await page.waitForURL(`**/incidents/${id}`);
  await page.locator('tr[data-flow="orders"]').getByRole("link", { name: "orders" }).click();
  const banner = page.locator('[data-hold="incident"]');
  await banner.getByRole("link", { name: "2 runs paused by it" }).waitFor();
  expect(await banner.textContent()).toMatch(
    /Charge held by an incident: Payment is down.*Holds only Charge/,
  );
  expect(await banner.getByRole("button", { name: "Change the cap" }).count()).toBe(0);
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Resume" }).click();
  const resume = page.getByRole("dialog", { name: "Resume flow?" });
  await resume.getByText("lifted when the incident is resolved").waitFor();
  expect(await resume.getByLabel("Hold of an incident on Charge").isChecked()).toBe(false);
  expect(await resume.getByRole("button", { name: "Resume flow" }).isDisabled()).toBe(true);
  await page.keyboard.press("Escape");
  await resume.waitFor({ state: "detached" });
  await banner.getByRole("link", { name: "Show the incident" }).click();

  await page.getByRole("button", { name: "Add a note" }).press("Enter");
  await page.getByRole("dialog", { name: "Add a note" }).getByLabel("Note").fill("They answer *again*");
  await page.getByRole("button", { name: "Add note" }).press("Enter");
  await timeline.getByText("They answer *again*").waitFor();
  const [markdownName, markdown] = await exported(page, "Markdown");
  expect(markdownName).toBe(`incident-${id}.md`);
  expect(markdown).toMatch(/^# Incident: Payment is down\n/);
  expect(markdown).toContain("- Holds: the steps that call charge\n");
  expect(markdown).toContain(String.raw`noted by operator: They answer \*again\*`);
  const [jsonName, json] = await exported(page, "JSON");
  expect(jsonName).toBe(`incident-${id}.json`);
  expect(JSON.parse(json)).toMatchObject({
    incidentId: id,
    holds: [{ flowId: "orders", steps: ["Charge"] }],
  });

  await page.getByRole("button", { name: "Resolve", exact: true }).press("Enter");
  const resolve = page.getByRole("dialog", { name: "Resolve the incident?" });
  await resolve.getByText("Its holds on 1 flow are lifted").waitFor();
  await resolve.getByLabel("Runs that go first (optional)").fill("1");
  await resolve.getByLabel("Begin slowly").check();
  await resolve.getByLabel("Note (optional)").fill("Mended");
  expect(await seriousFindings(page, "[role=dialog]")).toEqual([]);
  await resolve.getByRole("button", { name: "Resolve incident" }).press("Enter");
  await timeline.getByText("Mended").waitFor();
  await resolve.waitFor({ state: "detached" });
  expect(await page.getByRole("button", { name: "Resolve", exact: true }).count()).toBe(0);
  for (const { runId } of runs) await stack.admin.untilStatus(runId, "completed");
  await eventually(async () => (await flow("orders")).holds.length === 0 || undefined);
  expect(await incident(id)).toMatchObject({ status: "resolved", resolvedBy: "operator" });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 90_000);

test("an administrator holds every flow, which an operator cannot resolve; the pages are readable on a phone and in the dark", async () => {
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/incidents");
  const { page } = visitor;
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.getByRole("button", { name: "Open an incident" }).click();
  const dialog = page.getByRole("dialog", { name: "Open an incident" });
  await dialog.getByLabel("Title").fill("The region is down");
  await dialog.getByLabel("Hold every flow of the workspace").check();
  await dialog.getByText("Reject them").click();
  await dialog.getByText("Holds 2 flows").waitFor();
  await dialog.getByRole("button", { name: "Open incident" }).click();
  await page.getByRole("heading", { name: "The region is down" }).waitFor();
  const id = idOf(page);
  await page.locator('tr[data-flow="letters"][data-state="held"]').getByText("The whole flow").waitFor();
  await page.getByText("2 flows held").waitFor();
  expect(await incident(id)).toMatchObject({ all: true, mode: "reject", status: "open" });
  expect(await flow("letters")).toMatchObject({ status: "paused_safety", holds: [{ incidentId: id }] });
  expect(await seriousFindings(page)).toEqual([]);
  await fitsPhone(page, 390);
  await page.goto("/demo/incidents");
  await page.getByRole("link", { name: "The region is down" }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await fitsPhone(page, 390);
  await page.goto("/demo");
  await page.getByText("Held by an incident: The region is down").first().waitFor();
  await visitor.close();

  const operator = await Visitor.of(browser, stack.url, "operator", `/demo/incidents/${id}`);
  await operator.page.getByRole("button", { name: "Add a note" }).waitFor();
  expect(await operator.page.getByRole("button", { name: "Resolve" }).count()).toBe(0);
  await operator.close();
  const viewer = await Visitor.of(browser, stack.url, "viewer", `/demo/incidents/${id}`);
  await viewer.page.getByRole("button", { name: "Export" }).waitFor();
  expect(await viewer.page.getByRole("button", { name: "Add a note" }).count()).toBe(0);
  expect([...visitor.complaints, ...operator.complaints, ...viewer.complaints]).toEqual([]);
  await viewer.close();
}, 60_000);
