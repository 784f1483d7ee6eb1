import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { analysisOf, untilNoWider } from "../harness/browser/findings.ts";
import { chain, task } from "../harness/definitions.ts";
import { runOf, Team } from "../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
let team: Team;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("one", "two"), launchBrowser()]);
  team = new Team(stack.url);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const ORDERS = chain({ one: task("one"), two: task("two") });
const flow = (id: string) => stack.admin.expect<Flow>([200], "GET", `/flows/${id}`);

/** The page has no serious findings at these widths, and is never wider than the window. */
const expectAccessible = async (page: Page, ...widths: number[]) => {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const { violations } = await analysisOf(page);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await untilNoWider(page, width);
  }
  await page.setViewportSize({ width: 1_280, height: 800 });
};
const act = async (page: Page, action: string) => {
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: action, exact: true }).click();
};

test("an administrator attaches a state machine by keyboard, meets its drift, attaches it again and detaches it", async () => {
  const machine = await team.create("orders", ORDERS);
  const original = await machine.text();
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/flows");
  const { page } = visitor;

  await page.getByRole("button", { name: "Attach a state machine" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Attach a state machine" });
  await dialog.getByLabel("State machine ARN").waitFor();
  await page.keyboard.insertText(machine.arn);
  await page.keyboard.press("Tab");
  await page.keyboard.insertText("orders");
  await page.keyboard.press("Enter");
  const cost = dialog.getByRole("table", { name: "State transitions of a run" });
  expect(await cost.getByRole("row").last().textContent()).toBe("253");
  await dialog.getByText(/1,000 runs cost about \$0\.08 more/).waitFor();
  expect(await machine.text()).toBe(original);
  await expectAccessible(page, 1_440, 390);
  // The report belongs to the checked fields only.
  await dialog.getByLabel("While the state machine cannot call Sluice").selectOption("fail");
  await cost.waitFor({ state: "detached" });
  await dialog.getByRole("button", { name: "Check" }).focus();
  await page.keyboard.press("Enter");
  await cost.waitFor();
  await dialog.getByRole("button", { name: "Attach" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Attached as version 1").waitFor();
  await page.waitForURL(/\/demo\/flows\/orders$/);
  expect(await flow("orders")).toMatchObject({ kind: "attached", whenUnreachable: "fail" });

  const facts = page.getByRole("region", { name: "Overview" });
  await facts.getByText(machine.arn).waitFor();
  await facts.getByText("The execution fails").waitFor();
  expect(await page.getByRole("button", { name: "Edit and publish" }).count()).toBe(0);
  await page.goto("/demo/flows");
  await page
    .getByRole("row", { name: /orders/ })
    .getByText("Attached", { exact: true })
    .waitFor();
  await expectAccessible(page, 390);

  await machine.overwrite(chain({ two: task("two") }));
  const live = await machine.alias("live");
  await page.goto("/demo/flows/orders");
  const drift = page.getByRole("alert").filter({ hasText: "The state machine was changed" });
  await drift.getByText("choose Attach again under Actions").waitFor();
  await facts.getByText("Attached, changed").waitFor();
  await expectAccessible(page, 1_440, 390);
  await page.getByRole("button", { name: "Actions" }).click();
  expect(await page.getByRole("menuitem", { name: "Pause" }).count()).toBe(0);
  expect(await page.getByRole("menuitem", { name: "Delete" }).count()).toBe(0);
  await page.getByRole("menuitem", { name: "Attach again" }).click();
  const again = page.getByRole("dialog", { name: "Attach a state machine to orders" });
  await again.getByRole("button", { name: "Check" }).click();
  await again.getByRole("checkbox", { name: "live" }).check();
  await again.getByRole("button", { name: "Attach" }).click();
  await page.getByText("Attached as version 2").waitFor();
  expect(await live.routes()).toEqual([`${machine.arn}:2`]);
  await drift.waitFor({ state: "detached" });

  stack.functions.block("two");
  const run = await runOf(stack.admin, await machine.start({}));
  await act(page, "Detach");
  const detach = page.getByRole("dialog", { name: "Detach flow?" });
  await detach.getByRole("button", { name: "Detach flow" }).click();
  await detach.getByText("1 running").waitFor();
  stack.functions.release("two");
  await stack.admin.untilStatus(run.runId, "completed");
  await detach.getByRole("button", { name: "Detach flow" }).click();
  await page.getByText("Flow detached").waitFor();
  expect(await machine.text()).toBe(JSON.stringify(chain({ two: task("two") })));
  expect(await live.routes()).toEqual([`${machine.arn}:1`]);
  expect(await flow("orders")).toMatchObject({ kind: "managed", version: 0 });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 120_000);

test("the dialog says what prevents an attachment, and what to do", async () => {
  const machine = await team.create("inline", chain({ one: task("one", { Sluice: { Gate: "inline" } }) }));
  const locked = new Team(stack.url, "locked");
  await stack.admin.expect([200], "POST", "/local/roles", { roleArn: locked.roleArn, mayCall: false });
  const lockedMachine = await locked.create("locked", ORDERS);
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/flows");
  const { page } = visitor;
  await page.getByRole("button", { name: "Attach a state machine" }).click();
  const dialog = page.getByRole("dialog", { name: "Attach a state machine" });
  const check = async (arn: string, flowId: string) => {
    await dialog.getByLabel("State machine ARN").fill(arn);
    await dialog.getByLabel("Flow ID").fill(flowId);
    await dialog.getByRole("button", { name: "Check" }).click();
  };

  await check(`${machine.arn}-typo`, "inline");
  await dialog.getByRole("alert").getByText("does not exist. Check the ARN.").waitFor();

  await check(machine.arn, "inline");
  const unsupported = dialog.getByRole("table", { name: "Parts of the definition that cannot have gates" });
  await unsupported.getByText("An attached flow cannot have inline gates").waitFor();
  expect(await dialog.getByRole("button", { name: "Attach", exact: true }).count()).toBe(0);

  await check(lockedMachine.arn, "locked");
  const missing = dialog.getByRole("table", { name: "Missing permissions" });
  await missing.getByText("lambda:InvokeFunction").first().waitFor();
  expect(await missing.textContent()).toContain(":function:sluice-gate:ws-demo");
  await expectAccessible(page, 1_440, 390);
  await dialog.getByRole("button", { name: "Check again" }).waitFor();
  await dialog.getByLabel("Attach even though permissions seem to be missing").check();
  await dialog.getByRole("button", { name: "Attach" }).click();
  await page.getByText("Attached as version 1").waitFor();
  expect(await flow("locked")).toMatchObject({ kind: "attached" });
  expect(visitor.complaints).toEqual([]);
  await visitor.close();

  const operator = await Visitor.of(browser, stack.url, "operator", "/demo/flows");
  await operator.page.getByRole("row", { name: /locked/ }).waitFor();
  expect(await operator.page.getByRole("button", { name: "Attach a state machine" }).count()).toBe(0);
  await lockedMachine.overwrite(ORDERS);
  await operator.page.goto("/demo/flows/locked");
  await operator.page.getByText("Ask an administrator of the workspace").waitFor();
  await operator.page.getByRole("button", { name: "Actions" }).click();
  await operator.page.getByRole("menuitem", { name: "Send a test record" }).waitFor();
  expect(await operator.page.getByRole("menuitem", { name: /ttach|Detach/ }).count()).toBe(0);
  await operator.close();
}, 120_000);
