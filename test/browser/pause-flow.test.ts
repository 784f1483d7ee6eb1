import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { fitsPhone, seriousFindings } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("mail"), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const definition = {
  StartAt: "Mail",
  States: {
    Mail: { Type: "Task", Resource: lambdaArn("mail"), Next: "Wait" },
    Wait: { Type: "Wait", Seconds: 60, End: true },
  },
};
const flow = (id: string) => stack.admin.expect<Flow>([200], "GET", `/flows/${id}`);

test("a user pauses a flow, records queue, and a resume drains the queue", async () => {
  await stack.admin.publish("letters", definition, { name: "Letters" });
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/flows");
  const { page } = visitor;
  await page.getByRole("link", { name: "Letters" }).click();

  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause flow?" });
  expect(await dialog.textContent()).toContain("remain frozen in their existing state");
  await dialog.getByLabel("Reason (optional)").fill("the printer is broken");
  await dialog.getByRole("button", { name: "Pause flow" }).click();
  await page.getByText("Flow paused").waitFor();
  const banner = page.locator('[data-hold="manual"]');
  await banner.getByText("the printer is broken").waitFor();
  expect(await banner.textContent()).toMatch(/Paused by operator.*Resumes automatically in 13 d 23 h/);

  for (let n = 0; n < 3; n += 1) await stack.admin.dispatch("letters", { n });
  await page.reload();
  await banner.getByText("New records are queued: 3 so far.").waitFor();
  const health = page.getByRole("region", { name: "Health" });
  await health.getByText(/^Grows by [1-9]/).waitFor();
  await health.getByText("0 in a minute, 0 in an hour").waitFor();
  await health.getByRole("img", { name: /^Growth of the queue.* Growth: now [1-9]/ }).waitFor();

  await page.getByRole("button", { name: "Actions" }).click();
  expect(await page.getByRole("menuitem", { name: "Pause" }).count()).toBe(0);
  await page.getByRole("menuitem", { name: "Hold steps" }).click();
  const holdSteps = page.getByRole("dialog", { name: "Hold steps?" });
  const confirm = holdSteps.getByRole("button", { name: "Hold steps" });
  expect(await confirm.isDisabled()).toBe(true);
  await holdSteps.getByLabel("Steps").fill("Mail");
  await page.keyboard.press("Enter");
  await confirm.click();
  const onMail = page.locator('[data-hold="manual"]').filter({ hasText: "Mail held by operator" });
  await onMail.getByText("Holds only Mail.").waitFor();
  expect((await flow("letters")).holds.map(({ steps }) => steps)).toEqual([undefined, ["Mail"]]);
  await onMail.getByRole("button", { name: "Lift this hold" }).click();
  const lift = page.getByRole("dialog", { name: "Lift this hold?" });
  await lift.getByText("The flow stays paused.").waitFor();
  await lift.getByRole("button", { name: "Lift hold" }).click();
  await onMail.waitFor({ state: "detached" });
  expect(await flow("letters")).toMatchObject({ status: "paused", queued: 3, holds: [{ kind: "manual" }] });

  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Resume" }).click();
  await page.getByText("then 3 queued records start, oldest first").waitFor();
  await page.getByLabel("Records to start per second (optional)").fill("1");
  await page.getByRole("button", { name: "Resume flow" }).click();
  await page.getByText("Flow resumed").waitFor();
  await page.getByText("Starting queued records").waitFor();
  await page.getByText(/^[123] records? left$/).waitFor();
  await page.getByText("Starting queued records").waitFor({ state: "hidden", timeout: 15_000 });
  await page.getByText("Active", { exact: true }).waitFor();
  await eventually(async () => (await flow("letters")).queued === 0 || undefined);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a user sees what a pause would hold, plans it, and cancels the plan", async () => {
  await stack.admin.publish("plans", definition);
  const { runId } = await stack.admin.dispatch("plans", {});
  await stack.admin.untilStatus(runId, "waiting");
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/flows/plans");
  const { page } = visitor;
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause flow?" });
  const preview = dialog.getByRole("region", { name: "What the pause holds" });
  await preview.getByText("1 run under way: 1 waiting").waitFor();
  await dialog.getByLabel("Begin at").fill("2020-01-01T10:00");
  await dialog.getByText("Must be later").waitFor();
  expect(await dialog.getByRole("button", { name: "Plan pause" }).isDisabled()).toBe(true);
  const { now } = await stack.admin.expect<{ now: string }>([200], "GET", "/local/clock");
  const start = new Date(Date.parse(now) + 2 * 86_400_000);
  await dialog.getByLabel("Begin at").fill(start.toISOString().slice(0, 16));
  await preview.getByText("What it would hold if it began now").waitFor();
  await dialog.getByLabel("Reason (optional)").fill("database upgrade");
  await dialog.getByRole("button", { name: "Plan pause" }).click();
  await page.getByText("Pause planned", { exact: true }).waitFor();
  const banner = page.locator("[data-plan]");
  await banner.getByText("database upgrade").waitFor();
  expect((await flow("plans")).scheduledPause).toMatchObject({ by: "operator", mode: "queue" });
  expect((await flow("plans")).status).toBe("active");
  await banner.getByRole("button", { name: "Cancel the planned pause" }).click();
  await banner.waitFor({ state: "hidden" });
  expect((await flow("plans")).scheduledPause).toBeUndefined();

  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await dialog.getByText("Reject them").click();
  await dialog.getByLabel("Begin at").fill(start.toISOString().slice(0, 16));
  await dialog.getByLabel("Only these steps (optional)").fill("Mail");
  await page.keyboard.press("Enter");
  await preview.getByText("What it would hold if it began now").waitFor();
  await dialog.getByRole("button", { name: "Plan pause" }).click();
  await banner.getByText("It will hold only Mail.").waitFor();
  expect((await flow("plans")).scheduledPause).toMatchObject({
    // The field has no zone: the browser reads it in that of the machine.
    startAt: new Date(start.toISOString().slice(0, 16)).toISOString(),
    steps: ["Mail"],
    mode: "queue",
  });
  expect(await flow("plans")).toMatchObject({ status: "active", holds: [] });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a change of a flow is refused if the flow has changed since the page showed it, and the page shows the new state", async () => {
  await stack.admin.publish("shared", definition);
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/flows/shared");
  const { page } = visitor;
  const sent: (string | null)[] = [];
  page.on("request", async (request) => {
    const isPreview = request.postData()?.includes("dryRun") === true;
    if (request.method() === "POST" && !isPreview) sent.push(await request.headerValue("if-match"));
  });
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause flow?" });
  const { rev } = await flow("shared");
  await stack.admin.expect([200], "PUT", "/flows/shared/caps", { throughput: { limit: 9, per: "day" } });
  await dialog.getByRole("button", { name: "Pause flow" }).click();
  await page.getByText("State changed; please refresh").waitFor();
  expect((await flow("shared")).status).toBe("active");
  expect(sent).toEqual([`"${rev}"`]);
  await dialog.getByRole("button", { name: "Pause flow" }).click();
  await page.getByText("Flow paused").waitFor();
  expect(sent).toEqual([`"${rev}"`, `"${rev + 1}"`]);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("the page counts down and shows the automatic resume", async () => {
  await stack.admin.publish("notes", definition);
  await stack.admin.expect([200], "POST", "/flows/notes/pause", {});
  const visitor = await Visitor.of(browser, stack.url, "viewer", "/demo/flows/notes");
  const { page } = visitor;
  await page.locator('[data-hold="manual"]').waitFor();
  expect(await page.getByRole("button", { name: "Actions" }).count()).toBe(0);
  await stack.admin.advance("P13DT23H");
  await page.clock.install();
  await page.reload();
  await page.getByText(/Resumes automatically in (59 min|1 h)/).waitFor();
  await stack.admin.advance("PT2H");
  await page.clock.runFor(11_000);
  await page.getByText("Active", { exact: true }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("the health of a flow is drawn while its page is open, and is a table too", async () => {
  await stack.admin.publish("vitals", definition);
  await stack.admin.expect([200], "POST", "/flows/vitals/pause", {});
  await stack.admin.dispatch("vitals", {});
  const visitor = await Visitor.of(browser, stack.url, "viewer");
  const { page } = visitor;
  await page.clock.install();
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.goto("/demo/flows/vitals");
  const health = page.getByRole("region", { name: "Health" });
  for (const readings of [1, 2, 3]) {
    await eventually(async () => {
      const read = await health.locator("[data-readings]").getAttribute("data-readings");
      return Number(read) >= readings || undefined;
    });
    // Both clocks: a reading that is not later than the one before replaces it.
    await stack.admin.advance("PT30S");
    await page.clock.runFor(30_000);
  }
  const charts = health.getByRole("img");
  await charts.filter({ hasText: "Queued record" }).locator("canvas").waitFor();
  expect(await charts.count()).toBe(3);
  const seen = "document.querySelector('.line-chart canvas').toDataURL()";
  const inDark = await page.evaluate(seen);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await eventually(async () => (await page.evaluate(seen)) !== inDark || undefined);
  await health.getByRole("button", { name: "Show as a table" }).press("Enter");
  const table = health.getByRole("table", { name: "Readings of the health" });
  await eventually(async () => (await table.getByRole("row").count()) >= 4 || undefined);
  expect(await seriousFindings(page)).toEqual([]);
  await fitsPhone(page, 390);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a canary goes first and its ramp follows, and stopping either leaves the flow paused", async () => {
  const { admin, functions } = stack;
  await admin.publish("careful", definition);
  await admin.expect([200], "POST", "/flows/careful/pause", {});
  for (let n = 0; n < 4; n += 1) await admin.dispatch("careful", { n });
  const visitor = await Visitor.of(browser, stack.url, "operator", "/demo/flows/careful");
  const { page } = visitor;
  const resume = async () => {
    await page.getByRole("button", { name: "Lift this hold" }).click();
    const dialog = page.getByRole("dialog", { name: "Lift this hold?" });
    await dialog.getByLabel("Runs that go first (optional)").fill("1");
    await dialog.getByLabel("Begin slowly").check();
    await dialog.getByRole("button", { name: "Lift hold" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  const canary = (state: string) => page.locator(`[data-canary="${state}"]`);
  functions.block("mail");
  await resume();
  await canary("running").getByText("0 of 1 run through.").waitFor();
  await canary("running").getByRole("button", { name: "Stop the resume" }).click();
  await canary("failed").getByText("Stopped by a pause").waitFor();
  expect((await flow("careful")).status).toBe("paused");
  functions.release("mail");
  await resume();
  await canary("passed").waitFor({ timeout: 25_000 });
  const ramp = page.getByRole("alert").filter({ hasText: /Resuming slowly: \d+ a second/ });
  await ramp.getByRole("button", { name: "Stop the resume" }).click();
  await ramp.waitFor({ state: "detached" });
  expect(await flow("careful")).toMatchObject({ status: "paused", holds: [{ kind: "manual" }] });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a spend pause has no Resume and says when it lifts", async () => {
  const costly = {
    StartAt: "Mail",
    States: { Mail: { Type: "Task", Resource: lambdaArn("mail"), Sluice: { Cost: 10 }, End: true } },
  };
  await stack.admin.publish("costly", costly);
  await stack.admin.expect([200], "PUT", "/flows/costly/caps", { spend: { limit: 10, period: "month" } });
  const first = await stack.admin.dispatch("costly", {});
  await stack.admin.untilStatus(first.runId, "completed");
  const { runId } = await stack.admin.dispatch("costly", {});
  await stack.admin.untilStatus(runId, "paused");
  const path = `/demo/monitoring/workflow-runs/${runId}`;
  const visitor = await Visitor.of(browser, stack.url, "admin", path);
  const { page } = visitor;
  await page.getByText("Spend cap reached: 10 of 10 per month.").waitFor();
  await page.getByRole("link", { name: "Show the flow" }).click();
  await page.getByText("Paused (safety)").waitFor();
  const { holds } = await flow("costly");
  expect(new URL(page.url()).hash).toBe(`#${holds[0]?.holdId}`);
  const banner = page.locator('[data-hold="spend"]');
  expect(await banner.textContent()).toMatch(/Spend cap reached: 10 of 10 per month.*Lifts on its own/);
  await banner.getByRole("link", { name: "1 run paused by it" }).waitFor();
  await page.getByRole("button", { name: "Actions" }).click();
  expect(await page.getByRole("menuitem", { name: "Resume" }).count()).toBe(0);
  await page.keyboard.press("Escape");
  expect(await banner.getByRole("button", { name: "Lift this hold" }).count()).toBe(0);
  await banner.getByRole("button", { name: "Change the cap" }).click();
  await page.getByText("Used: 10. The flow is held by this cap.").waitFor();
  expect(await page.evaluate("document.activeElement.labels[0].textContent")).toBe("Cost of the steps");
  await page.getByRole("group", { name: "Spend" }).getByLabel("Cost of the steps").fill("100");
  const errors = page.getByRole("group", { name: "Errors" });
  await errors.getByLabel("Failed runs").fill("5");
  await errors.getByLabel("Share of the runs").fill("10");
  await page.getByRole("button", { name: "Save caps" }).click();
  await page.getByText("Active", { exact: true }).waitFor();
  expect((await flow("costly")).caps.errors).toEqual({ count: 5, percent: 10, per: "hour" });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});
