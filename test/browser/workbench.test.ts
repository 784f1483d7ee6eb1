import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys } from "../../shared/store/keys.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { fitsPhone, seriousFindings } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
let visitor: Visitor;
const address = (runId: string, search = "") => `/demo/monitoring/workflow-runs/${runId}${search}`;
const WIDE = { width: 1440, height: 900 };

const task = (name: string) => ({ Type: "Task", Resource: lambdaArn(name) });
/** A Map, a Choice with two ways, and a Wait that keeps the run open. */
const ORDERS = {
  StartAt: "Stock",
  States: {
    Stock: { ...task("stock"), ResultPath: null, Next: "Pack" },
    Pack: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: {
        StartAt: "Pack item",
        States: {
          "Pack item": {
            ...task("pack"),
            Catch: [{ ErrorEquals: ["States.ALL"], Next: "Left out" }],
            End: true,
          },
          "Left out": { Type: "Pass", End: true },
        },
      },
      ResultPath: null,
      Next: "Large?",
    },
    "Large?": {
      Type: "Choice",
      Choices: [{ Variable: "$.total", NumericGreaterThan: 100, Next: "Think" }],
      Default: "Ship",
    },
    Think: { Type: "Wait", Seconds: 3_600, Next: "Ship" },
    Ship: { Type: "Pass", End: true },
  },
};
let runId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("stock", "pack"), launchBrowser()]);
  visitor = await Visitor.of(browser, stack.url, "viewer", "/demo/flows");
  await visitor.page.setViewportSize(WIDE);
});
beforeAll(async () => {
  await stack.admin.publish("orders", ORDERS);
  stack.functions.block("stock");
  ({ runId } = await stack.admin.dispatch("orders", { items: [...Array(12).keys()], total: 250 }));
  await stack.admin.until(runId, (run) => run.currentStep === "Stock");
  await stack.admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  stack.functions.release("stock");
  await stack.admin.until(runId, (run) => run.parkedAt !== undefined);
  stack.functions.fail("pack", "OutOfBoxes");
  await stack.admin.expect([200], "POST", `/runs/${runId}/resume`, {});
  await stack.admin.untilStatus(runId, "waiting");
});
afterAll(async () => {
  await visitor?.close();
  await browser?.close();
  await stack?.close();
});

/** A row of the timeline whose name begins so. */
const row = (...parts: string[]) =>
  visitor.page.getByRole("treeitem", {
    name: new RegExp(`^${parts.map((part) => part.replaceAll(/[[\]]/g, "\\$&")).join("[ ,]*")}(?=\\s*,)`),
  });
const detail = () => visitor.page.getByRole("region", { name: "Chosen step" });

test("graph, timeline and the chosen step are side by side, and the address keeps what is shown", async () => {
  const { page } = visitor;
  await page.goto(address(runId));
  await row("Pack", "completed", "12 of 12 failed").waitFor();
  await detail().getByRole("heading", { name: "Think" }).waitFor();
  const [graph, timeline, chosen] = await Promise.all(
    [page.getByLabel("Graph", { exact: true }), page.getByRole("tree", { name: "Timeline" }), detail()].map(
      (part) => part.boundingBox(),
    ),
  );
  expect(graph?.x).toBeLessThan(timeline?.x ?? 0);
  expect(timeline?.x).toBeLessThan(chosen?.x ?? 0);
  await page.getByText(/^Paused once, for /).waitFor();
  expect(await row("Pack item [3]").count()).toBe(0);

  // A click on a state of the graph shows its visit that failed, and opens the Map around it.
  await page.locator('[data-state="Pack item"]').click();
  await detail().getByRole("heading", { name: "Pack item" }).waitFor();
  await detail().getByText("pack was told to fail", { exact: true }).waitFor();
  await detail().getByText("Visit 12 of 12").waitFor();
  await detail().getByRole("button", { name: "Previous visit" }).click();
  const id = await page.locator('[data-row][aria-selected="true"]').getAttribute("data-row");
  await page.reload();
  await page.locator(`[data-row="${id}"][aria-selected="true"]`).waitFor();
  await detail().getByText("Visit 11 of 12").waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});

test("the graph shows the way that the run took, through the Choice, and the items of a Map", async () => {
  const { page } = visitor;
  await page.goto(address(runId));
  await page.locator('[data-state="Large?"][data-status="passed"]').waitFor();
  await page.locator('[data-state="Pack"]').getByText("12 of 12 failed", { exact: true }).waitFor();
  const labels = await page.locator(".edge-taken").count();
  // From the start to Think: four edges; and the caught error inside the Map.
  expect(labels).toBe(5);
  const stroke = `getComputedStyle(document.querySelector(".edge-taken .react-flow__edge-path")).stroke`;
  expect(await page.evaluate(stroke)).toMatch(/^rgb/);
  await page.locator('[data-state="Ship"]').click();
  await detail().getByText("The run has not begun this state as a step.").waitFor();
  await stack.admin.advance("PT1H");
  await stack.admin.untilStatus(runId, "completed");
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.locator('[data-state="Ship"][data-status="passed"]').waitFor();
  expect(await page.locator(".edge-taken").count()).toBe(7);
});

test("the timeline is usable by keyboard, and on a phone", async () => {
  const { page } = visitor;
  await page.goto(address(runId));
  await row("Stock").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await row("Pack item [0]").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.locator(":focus").and(row("Pack item [0]")).waitFor();
  await page.keyboard.press("Enter");
  await detail().getByRole("heading", { name: "Pack item" }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.locator(":focus").and(row("Pack")).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page
    .getByRole("treeitem", { name: /^Pack item/ })
    .first()
    .waitFor({ state: "detached" });
  await page.keyboard.press("End");
  await page.locator(":focus").and(row("Think")).waitFor();

  await fitsPhone(page, 390);
  await page.getByRole("tab", { name: "Steps" }).waitFor();
  await row("Stock").click();
  await detail().getByRole("heading", { name: "Stock" }).waitFor();
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator('[data-state="Large?"][data-status="passed"]').waitFor();
  await page.reload();
  await page.locator('[data-state="Stock"][data-selected]').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.setViewportSize(WIDE);
  expect(visitor.complaints).toEqual([]);
});

test("a run is compared with the last one that succeeded, step by step", async () => {
  const { page } = visitor;
  const other = await stack.admin.dispatch("orders", { items: [], total: 7 });
  await stack.admin.untilStatus(other.runId, "completed");
  const again = await stack.admin.dispatch("orders", { items: [], total: 5 });
  await stack.admin.untilStatus(again.runId, "completed");
  await page.goto(address(again.runId));
  await page.getByRole("tab", { name: "Compare" }).click();
  await page.getByRole("button", { name: "The last one that succeeded" }).click();
  await page.getByText("2 of 2 steps differ.").waitFor();
  await page.getByRole("table", { name: "Comparison" }).getByRole("button", { name: "Stock" }).click();
  const changes = page.getByRole("region", { name: "Changes of the step" });
  await changes.getByText('"total": 7').waitFor();
  await changes.getByText('"total": 5').waitFor();
  expect(new URL(page.url()).searchParams.get("with")).toBe(other.runId);
  expect(await seriousFindings(page)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});

test("a step that failed shows what its function printed, attempt by attempt", async () => {
  const { page } = visitor;
  writeFileSync(
    join(stack.functions.dir, "prints.mjs"),
    `export const handler = async () => { console.log("card", 4711, "declined"); throw new Error("no"); };`,
  );
  const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 1 }];
  await stack.admin.publish("prints", {
    StartAt: "Charge",
    States: { Charge: { ...task("prints"), Retry, End: true } },
  });
  const failed = await stack.admin.dispatch("prints", {});
  await eventually(async () => {
    await stack.admin.advance("PT1S");
    const { status } = await stack.admin.run(failed.runId);
    return status === "failed" || undefined;
  });
  await page.goto(address(failed.runId));
  const log = page.getByRole("region", { name: "Log" });
  await log.getByText("2 attempts").waitFor();
  for (const attempt of [1, 2]) {
    const output = await log.getByRole("group", { name: `Output of attempt ${attempt}` }).textContent();
    expect(output).toMatch(/^[\d:.]{12} {2}card 4711 declined$/);
  }
  expect(await page.locator(".gantt-attempt").count()).toBe(2);
  expect(await seriousFindings(page)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});

const STEPS = Number(process.env["WORKBENCH_STEPS"] ?? 2_000);

test(`a run of ${STEPS} steps scrolls without a task of more than 100 ms`, async () => {
  const { page } = visitor;
  const long = await stack.admin.dispatch("orders", { items: [], total: 250 });
  await stack.admin.untilStatus(long.runId, "waiting");
  const client = new DynamoDBClient({
    endpoint: `${stack.url}/aws/dynamodb`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const began = Date.parse(long.createdAt) - STEPS * 1_000;
  const items = Array.from({ length: STEPS }, (_, n) => {
    const at = new Date(began + n * 1_000).toISOString();
    const stepId = `${at.replaceAll(/[-:.]/g, "")}-${String(n).padStart(16, "0")}`;
    const isMap = n === 0;
    return {
      ...keys.step("demo", long.runId, stepId),
      ...{ stepId, name: isMap ? "Pack" : n % 2 === 0 ? "Stock" : "Pack item" },
      ...{ type: isMap ? "Map" : "Task", path: n % 2 === 0 ? "" : `Pack[${n}]` },
      ...{ entered: at, startedAt: at, input: JSON.stringify({ n }), after: [] },
      end: { at: new Date(began + n * 1_000 + 900).toISOString(), status: "completed", output: "{}" },
    };
  });
  const documents = DynamoDBDocumentClient.from(client);
  for (let n = 0; n < STEPS; n += 25) {
    const sluice = items.slice(n, n + 25).map((Item) => ({ PutRequest: { Item } }));
    await documents.send(new BatchWriteCommand({ RequestItems: { sluice } }));
  }
  client.destroy();
  await page.addInitScript(`
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: "longtask", buffered: true });
  `);
  await page.goto(address(long.runId));
  // The newest step is in view at first.
  await row("Think").waitFor({ timeout: 50_000 });
  await row("Think").focus();
  await page.keyboard.press("Home");
  await row("Pack", "completed", `${(STEPS / 2).toLocaleString()} items`).waitFor();
  await page.locator(":focus").and(row("Pack")).waitFor();
  await page.evaluate("window.longTasks.length = 0");
  await page.keyboard.press("ArrowRight");
  for (let n = 0; n < 20; n += 1) await page.keyboard.press("PageDown");
  await page.keyboard.press("End");
  await page.locator(":focus").and(row("Think")).waitFor();
  await page.keyboard.press("Home");
  await page.locator(":focus").and(row("Pack")).waitFor();
  const longest = Math.max(0, ...((await page.evaluate("window.longTasks")) as number[]));
  expect(longest).toBeLessThan(100);
  expect(visitor.complaints).toEqual([]);
});
