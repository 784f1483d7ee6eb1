import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("stock", "carrier", "pack", "charge"), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

/** Parallel, Map, Choice and Catch, and a Wait that gives time to look at them. */
const ORDERS = {
  StartAt: "Reserve",
  States: {
    Reserve: {
      Type: "Parallel",
      Branches: [
        { StartAt: "Stock", States: { Stock: { Type: "Task", Resource: lambdaArn("stock"), End: true } } },
        {
          StartAt: "Slot",
          States: {
            Slot: { Type: "Wait", Seconds: 0, Next: "Carrier" },
            Carrier: { Type: "Task", Resource: lambdaArn("carrier"), End: true },
          },
        },
      ],
      ResultPath: "$.reserved",
      Next: "Pack",
    },
    Pack: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: {
        StartAt: "Pack item",
        States: { "Pack item": { Type: "Task", Resource: lambdaArn("pack"), End: true } },
      },
      ResultPath: null,
      Next: "Charge",
    },
    Charge: {
      Type: "Task",
      Resource: lambdaArn("charge"),
      Catch: [{ ErrorEquals: ["CardDeclined"], ResultPath: "$.declined", Next: "Large order?" }],
      Next: "Large order?",
    },
    "Large order?": {
      Type: "Choice",
      Choices: [{ Variable: "$.total", NumericGreaterThan: 100, Next: "Second thoughts" }],
      Default: "Ship",
    },
    "Second thoughts": { Type: "Wait", Seconds: 86_400, Next: "Ship" },
    Ship: { Type: "Pass", End: true },
  },
};

test("the flow's graph shows the status of every state in the run", async () => {
  stack.functions.fail("charge", "CardDeclined");
  await stack.admin.publish("orders", ORDERS);
  const run = await stack.admin.dispatch("orders", { items: [1, 2, 3], total: 250 });
  await stack.admin.untilStatus(run.runId, "waiting");
  const visitor = await Visitor.of(
    browser,
    stack.url,
    "viewer",
    `/demo/monitoring/workflow-runs/${run.runId}`,
  );
  const { page } = visitor;
  await page.getByRole("tab", { name: "Graph" }).click();
  const status = (state: string) =>
    page.locator(`[data-state="${state}"]`).getAttribute("data-status", { timeout: 10_000 });
  await page.locator('[data-state="Second thoughts"][data-status="waiting"]').waitFor();
  expect(await status("Reserve")).toBe("completed");
  expect(await status("Carrier")).toBe("completed");
  expect(await page.locator('[data-state="Pack item"]').textContent()).toContain("×3");
  expect(await status("Charge")).toBe("failed");
  expect(await status("Ship")).toBeNull();
  await stack.admin.advance("P1D");
  await stack.admin.untilStatus(run.runId, "completed");
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.locator('[data-state="Second thoughts"][data-status="completed"]').waitFor();
  await visitor.close();
  expect(visitor.complaints).toEqual([]);

  const operator = await Visitor.of(
    browser,
    stack.url,
    "operator",
    `/demo/monitoring/workflow-runs/${run.runId}`,
  );
  const replayer = operator.page;
  await replayer.getByRole("button", { name: "Replay", exact: true }).click();
  await replayer.getByRole("radio", { name: "Another state" }).check();
  const dialog = replayer.getByRole("dialog");
  await dialog.locator('[data-state="Charge"]').click();
  await dialog.locator('[data-state="Charge"][data-selected]').waitFor();
  await dialog.getByRole("checkbox", { name: "Edit the input" }).check();
  const input = dialog.getByRole("textbox", { name: "Input", exact: true });
  // The state's own input, which has what an earlier step added to the payload.
  await input.getByText('"reserved"').waitFor();
  await input.fill('{"total": 5}');
  await dialog.getByRole("button", { name: "Replay run" }).click();
  await replayer.getByText("Workflow run replayed").waitFor();
  const fresh = new URL(replayer.url()).pathname.split("/").at(-1) ?? "";
  await stack.admin.untilStatus(fresh, "completed");
  expect((await stack.admin.steps(fresh)).map(({ name }) => name)).toEqual(["Charge"]);
  await replayer.goto(`/demo/monitoring/workflow-runs/${run.runId}`);
  await replayer.getByText("Replayed by").waitFor();
  await replayer.getByRole("link", { name: fresh }).waitFor();
  expect(operator.complaints).toEqual([]);
});
