import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { analysisOf, seriousFindings } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

/** Number of runs that are cleaned up together; 500 is the full size. */
const TO_CLEAN = Number(process.env["RUNS_TO_CLEAN"] ?? 40);

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("send", "mend"), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const task = (name: string, more = {}) => ({ Type: "Task", Resource: lambdaArn(name), ...more });

test("an administrator finds, reads, resumes, deletes, cleans up, publishes a fix and replays", async () => {
  const { admin } = stack;
  await admin.publish("letters", { StartAt: "Send", States: { Send: task("send", { End: true }) } });
  await admin.publish("broken", {
    StartAt: "Stop",
    States: { Stop: { Type: "Fail", Error: "Out.Of.Paper" } },
  });
  stack.functions.fail("send", "PrinterJam");
  const failed = await admin.dispatch("letters", { letter: 1 });
  const failedToo = await admin.dispatch("letters", { letter: 5 });
  for (const { runId } of [failed, failedToo]) await admin.untilStatus(runId, "failed");
  stack.functions.mend("send");
  stack.functions.block("send");
  const paused = await admin.dispatch("letters", { letter: 2 });
  const second = await admin.dispatch("letters", { letter: 4 });
  const unwanted = await admin.dispatch("letters", { letter: 3 });
  for (const { runId } of [paused, second, unwanted]) {
    await admin.until(runId, (run) => run.currentStep === "Send");
    await admin.expect([200], "POST", `/runs/${runId}/pause`, { reason: "wrong address" });
  }
  stack.functions.release("send");

  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/monitoring/attention");
  const { page } = visitor;
  const row = (runId: string) => page.locator(`tr[data-run="${runId}"]`);
  await row(failed.runId).getByText("PrinterJam in Send").waitFor();
  expect(await row(paused.runId).textContent()).toMatch(
    /paused.*letters.*admin.*Paused by admin after Send, at the end: wrong address/,
  );
  // Paused runs are not alarming: nothing on the page that only shows them is red or an alert.
  expect(await page.getByRole("alert").count()).toBe(0);

  await page.getByRole("switch", { name: "Include runs that are waiting for a timer or a person" }).check();
  await page.waitForURL(/include=waiting/);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save these filters" }).click();
  await page.getByLabel("Name").fill("All that stand");
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByText("View saved").waitFor();
  await page.goto("/demo/monitoring/attention");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "All that stand" }).click();
  await page.waitForURL(/include=waiting/);

  await row(paused.runId).getByRole("link", { name: paused.runId }).click();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText("Workflow run resumed").waitFor();
  await admin.untilStatus(paused.runId, "completed");

  await page.goto("/demo/monitoring/attention");
  await page.getByRole("button", { name: `Resume run ${second.runId}` }).click();
  await page.getByText("Workflow run resumed").waitFor();
  await row(second.runId).waitFor({ state: "detached" });
  await admin.untilStatus(second.runId, "completed");
  await page.getByRole("button", { name: `Delete run ${failedToo.runId}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete run" }).click();
  await row(failedToo.runId).waitFor({ state: "detached" });

  await page.goto(`/demo/monitoring/workflow-runs/${unwanted.runId}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete workflow run?" });
  expect(await dialog.textContent()).toMatch(/permanently deletes the run.*remaining steps never happen/);
  await dialog.getByRole("button", { name: "Delete run" }).click();
  await page.getByText("Workflow run deleted").waitFor();
  expect((await admin.call("GET", `/runs/${unwanted.runId}`)).status).toBe(404);

  for (let left = TO_CLEAN; left > 0; left -= 100) {
    const records = Array.from({ length: Math.min(100, left) }, (_, n) => ({ payload: { n } }));
    await admin.expect([200], "POST", "/flows/broken/runs/batch", { records });
  }
  await eventually(async () => {
    const { items } = await admin.expect<{ items: unknown[] }>(
      [200],
      "GET",
      "/runs?flowId=broken&status=pending,running&limit=1",
    );
    return items.length === 0 || undefined;
  }, 60);
  await page.goto("/demo/monitoring/attention?flowId=broken");
  await page.getByText("Out.Of.Paper").first().waitFor();
  await page.getByRole("button", { name: "All matching runs" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("button", { name: `Delete ${TO_CLEAN} runs` }).click();
  await page.getByText(`${TO_CLEAN} of ${TO_CLEAN} runs: ${TO_CLEAN} deleted`).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByText("No paused or failed runs").waitFor();
  await page.getByRole("link", { name: "Bulk operations" }).click();
  await page.getByRole("link", { name: `Delete ${TO_CLEAN} runs` }).click();
  await page.getByText(/^All with .*flowId broken/).waitFor();
  await page.getByText(`${TO_CLEAN} deleted`).waitFor();
  const results = page.getByRole("table", { name: "Results" }).getByText("succeeded");
  await eventually(async () => (await results.count()) === Math.min(TO_CLEAN, 100) || undefined);
  expect(await seriousFindings(page)).toEqual([]);

  await page.goto("/demo/flows/letters");
  await page.getByRole("tab", { name: "Audit trail" }).click();
  await page.getByRole("table", { name: "Audit trail" }).getByText("publish").waitFor();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: "Edit and publish" }).click();
  const editor = page.getByRole("textbox", { name: "Definition" });
  const fixed = {
    StartAt: "Mend",
    States: { Mend: task("mend", { Next: "Send" }), Send: task("send", { End: true }) },
  };
  const write = async (definition: unknown) => {
    await editor.click();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(JSON.stringify(definition, null, 2));
  };
  await write({ ...fixed, StartAt: "Nowhere" });
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.locator(".cm-lintRange-error").first().waitFor();
  await page.getByRole("alert").getByText("StartAt").first().waitFor();
  await write(fixed);
  await page.locator('[data-state="Mend"]').last().waitFor();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByText("Version 2 published").waitFor();

  await page.goto(`/demo/monitoring/workflow-runs/${failed.runId}`);
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("radio", { name: "The start" }).check();
  await page.getByRole("button", { name: "Replay run" }).click();
  await page.getByText("Workflow run replayed").waitFor();
  await page.getByRole("link", { name: failed.runId }).waitFor();
  const fresh = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  expect(fresh).not.toBe(failed.runId);
  expect(await admin.untilStatus(fresh, "completed")).toMatchObject({
    flowVersion: 2,
    replayOf: failed.runId,
  });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 120_000);

test("the reason of a run is readable at the widths of a laptop, a desktop and a phone", async () => {
  const { admin } = stack;
  const cause = "The card was declined: the bank asks to call 0800 55 55 before the next attempt";
  await admin.publish("subscription-renewals-in-europe", {
    StartAt: "Charge the card",
    States: { "Charge the card": { Type: "Fail", Error: "Card.Declined", Cause: cause } },
  });
  const { runId } = await admin.dispatch("subscription-renewals-in-europe", {});
  await admin.untilStatus(runId, "failed");
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/monitoring/attention");
  const { page } = visitor;
  const row = page.locator(`tr[data-run="${runId}"]`);
  const why = row.getByText(`Card.Declined in Charge the card: ${cause}`);
  const remove = row.getByRole("button", { name: `Delete run ${runId}` });
  for (const [width, minWidth] of [
    [1_200, 230],
    [1_440, 400],
    [390, 300],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await eventually(async () => {
      const [text, action] = [await why.boundingBox(), await remove.boundingBox()];
      return (
        (text !== null &&
          action !== null &&
          text.width >= minWidth &&
          text.x + text.width <= width &&
          action.x + action.width <= width) ||
        undefined
      );
    });
    const [shown, whole] = await why.evaluate((text) => [text.clientHeight, text.scrollHeight] as const);
    expect(shown).toBe(whole);
  }
  const { violations } = await analysisOf(page);
  expect(violations.map(({ id }) => id)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});
