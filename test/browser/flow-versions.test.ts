import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Flow, FlowVersion } from "../../shared/model/schemas/flow.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import type { Trigger } from "../../shared/model/schemas/trigger.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { fitsPhone, seriousFindings } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

test("an administrator creates a flow, drafts a version, activates it, rolls back and deletes the flow", async () => {
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/flows");
  const { page } = visitor;
  const flow = () => stack.admin.expect<Flow>([200], "GET", "/flows/naps");
  await page.getByText("No flows yet").waitFor();
  await page.getByRole("button", { name: "New flow" }).click();
  await page.getByLabel("Flow ID").fill("naps");
  await page.locator('[data-state="Wait a moment"]').waitFor();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByText("Version 1 published").waitFor();
  await page.getByRole("link", { name: "naps" }).click();

  await page.getByRole("button", { name: "Edit and publish" }).click();
  await page.getByRole("textbox", { name: "Definition" }).click();
  await page.keyboard.press("ControlOrMeta+A");
  const longer = { StartAt: "Nap", States: { Nap: { Type: "Wait", Seconds: 3600, End: true } } };
  await page.keyboard.insertText(JSON.stringify(longer, null, 2));
  await page.getByLabel("Publish as a draft").check();
  await page.getByRole("button", { name: "Publish draft" }).click();
  await page.getByText("Version 2 published").waitFor();
  expect((await flow()).version).toBe(1);

  await page.getByRole("button", { name: "Show version 2" }).click();
  await page.getByText("Changes", { exact: true }).click();
  await page.locator(".cm-deletedChunk", { hasText: "Wait a moment" }).first().waitFor();
  await page.getByRole("button", { name: "Activate", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await page.getByText("Version 2 is active").waitFor();
  expect((await flow()).version).toBe(2);

  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Send a test record" }).click();
  await page.getByLabel("Payload").fill('{"sheep": 3}');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Record sent").waitFor();
  await page.waitForURL(/workflow-runs/);
  const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  expect((await stack.admin.untilStatus(runId, "waiting")).payload).toEqual({ sheep: 3 });

  await page.goto("/demo/flows/naps");
  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page.getByText("Version 1 is active").waitFor();

  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete flow?" });
  expect(await dialog.textContent()).toContain("permanently");
  await dialog.getByRole("button", { name: "Delete flow" }).click();
  await dialog.getByText("1 waiting").waitFor();
  await dialog.getByRole("link", { name: "Show these runs" }).click();
  await page.locator(`tr[data-run="${runId}"]`).waitFor();
  await stack.admin.act(runId, "cancel");

  await page.goto("/demo/flows/naps");
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete flow" }).click();
  await page.getByText("Flow deleted").waitFor();
  await page.getByText("No flows yet").waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 60_000);

test("a flow is written in YAML, its errors are shown at their lines, and its placeholders get fields", async () => {
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/flows");
  const { page } = visitor;
  const yaml = `# a nap
StartAt: Nap
States:
  Nap:
    Type: Wait
    Seconds: \${Seconds}
    Next: Gone
  Gone:
    Type: Succed
`;
  const write = async (text: string) => {
    await page.getByRole("textbox", { name: "Definition" }).click();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(text);
  };
  const publish = () => page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("button", { name: "New flow" }).click();
  await page.getByLabel("Flow ID").fill("yaml-naps");
  await write(yaml);
  await page.locator('[data-state="Nap"]').waitFor();
  await publish();
  await page.getByText("${Seconds} has no value").first().waitFor();
  expect(await page.locator(".cm-lintRange-error").textContent()).toBe("${Seconds}");
  await page.getByRole("textbox", { name: "Seconds" }).fill("9");
  await publish();
  await page.getByText("line 9:").waitFor();
  expect(await page.locator(".cm-lintRange-error").textContent()).toBe("Succed");
  // The mark stays while the text elsewhere changes, and Escape loses nothing.
  await page.getByRole("textbox", { name: "Definition" }).focus();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.insertText("# another comment\n");
  await page.getByText("# another comment").waitFor();
  expect(await page.locator(".cm-lintRange-error").textContent()).toBe("Succed");
  await page.keyboard.press("Escape");
  expect(await page.getByRole("dialog", { name: "New flow" }).getByText("# another comment").count()).toBe(1);
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.insertText("eed");
  await page.locator(".cm-lintRange-error").waitFor({ state: "detached" });
  await write(yaml.replace("Succed", "Succeed"));
  await publish();
  await page.getByText("Version 1 published").waitFor();
  const version = await stack.admin.expect<FlowVersion>([200], "GET", "/flows/yaml-naps/versions/1");
  expect(version.definition).toMatchObject({ States: { Nap: { Seconds: 9 } } });

  await page.getByRole("link", { name: "yaml-naps" }).click();
  await page.getByRole("button", { name: "Edit and publish" }).click();
  await page.getByRole("textbox", { name: "Definition" }).getByText("# a nap").waitFor();
  expect(await page.getByRole("textbox", { name: "Seconds" }).inputValue()).toBe("9");
  expect(visitor.complaints.filter((complaint) => !complaint.includes("422"))).toEqual([]);
  await visitor.close();
}, 60_000);

test("an administrator adds a trigger, sees what it does and did, disables, edits and deletes it", async () => {
  await stack.admin.publish("clockwork", { StartAt: "Tick", States: { Tick: { Type: "Succeed" } } });
  const path = "/flows/clockwork/triggers/nightly";
  const trigger = () => stack.admin.expect<Trigger>([200], "GET", path);
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/flows/clockwork");
  const { page } = visitor;
  const section = page.getByRole("region", { name: "Triggers" });
  const row = section.locator('[data-trigger="nightly"]');
  const dialog = page.getByRole("dialog");
  const save = () => dialog.getByRole("button", { name: "Save trigger" }).click();
  await section.getByText("No triggers.").waitFor();
  await section.getByRole("button", { name: "Add a trigger" }).click();
  await dialog.getByLabel("Trigger ID").fill("nightly");
  const schedule = dialog.getByLabel("Schedule", { exact: true });
  await schedule.fill("cron(0 25 * * ? *)");
  await dialog.getByLabel("Time zone").fill("Europe/Berlin");
  await dialog.getByLabel("Payload of each record").fill('{"report": "daily"}');
  await save();
  await dialog.getByText("EventBridge Scheduler does not accept the schedule").waitFor();
  expect(await schedule.getAttribute("aria-invalid")).toBe("true");
  expect(await seriousFindings(page)).toEqual([]);
  expect((await stack.admin.call("GET", path)).status).toBe(404);
  await fitsPhone(page, 390);
  await page.setViewportSize({ width: 1280, height: 800 });
  await schedule.fill("cron(0 9 * * ? *)");
  await dialog.getByText("At 09:00, every day. Next:").waitFor();
  await dialog.getByLabel("Only the latest queued").check();
  await save();
  await row.getByText("At 09:00, every day").waitFor();
  await row.getByText("None", { exact: true }).waitFor();
  expect(await row.textContent()).toContain("cron(0 9 * * ? *) Europe/BerlinOnly the latest queued");
  const whole = { schedule: "cron(0 9 * * ? *)", timezone: "Europe/Berlin", payload: { report: "daily" } };
  expect(await trigger()).toMatchObject({ ...whole, whileHeld: "latest", enabled: true });

  await stack.admin.advance("P1D");
  await eventually(async () => {
    const { items } = await stack.admin.expect<{ items: Run[] }>([200], "GET", "/runs?startedBy=nightly");
    return items[0]?.status === "completed" || undefined;
  });
  await page.reload();
  await row.getByRole("link", { name: "completed" }).waitFor();
  const next = Date.parse((await row.locator("time").first().getAttribute("datetime")) ?? "");
  const berlin = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "Europe/Berlin" });
  expect(berlin.format(next)).toBe("09:00");

  await section.getByRole("button", { name: "Add a trigger" }).click();
  await dialog.getByLabel("Trigger ID").fill("nightly");
  await dialog.getByText("The flow has a trigger with this ID").waitFor();
  await dialog.getByRole("button", { name: "Back" }).click();

  await row.getByRole("switch", { name: "Enable nightly" }).click({ force: true });
  await row.getByText("Never while disabled").waitFor();
  expect(await trigger()).toMatchObject({ ...whole, whileHeld: "latest", enabled: false });

  await row.getByRole("button", { name: "Edit nightly" }).click();
  await stack.admin.expect([200], "PUT", path, { ...whole, whileHeld: "drop" });
  await save();
  await page.getByText("The trigger nightly was changed. Read it again.").waitFor();
  expect(await trigger()).toMatchObject({ whileHeld: "drop", enabled: true });
  await dialog.getByRole("button", { name: "Back" }).click();
  await row.getByText("Dropped").waitFor();

  await page.mouse.move(0, 0);
  expect(await seriousFindings(page)).toEqual([]);
  await fitsPhone(page, 390);
  const reader = await Visitor.of(browser, stack.url, "viewer", "/demo/flows/clockwork");
  const seen = reader.page.getByRole("region", { name: "Triggers" });
  await seen.getByText("enabled", { exact: true }).waitFor();
  expect(await seen.getByRole("button").or(seen.getByRole("switch")).count()).toBe(0);
  expect(reader.complaints).toEqual([]);
  await reader.close();

  await row.getByRole("button", { name: "Delete nightly" }).click();
  await dialog.getByRole("button", { name: "Delete trigger" }).click();
  await section.getByText("No triggers.").waitFor();
  expect((await stack.admin.call("GET", path)).status).toBe(404);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 60_000);
