import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { analysisOf } from "../harness/browser/findings.ts";
import { eventually } from "../harness/clients/client.ts";
import { dailyPart } from "../harness/daily-part.ts";
import { chain, task } from "../harness/definitions.ts";
import { runOf, Team } from "../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack("cut", "mend", "post"), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

/** Runs of a flow whose second step fails, paused by that error. */
const halted = async (flowId: string, count: number): Promise<string[]> => {
  const { admin } = stack;
  stack.functions.fail("mend", "NeedleBroke");
  const flow = chain({ Cut: task("cut"), Mend: task("mend"), Post: task("post") });
  await admin.publish(flowId, flow, { onFailure: "pause" });
  const runs = await Promise.all(Array.from({ length: count }, () => admin.dispatch(flowId, { coat: 1 })));
  for (const { runId } of runs)
    await admin.until(runId, (run) => run.status === "paused" && run.parkedAt !== undefined);
  stack.functions.forget();
  return runs.map(({ runId }) => runId);
};
const begun = () =>
  stack.functions
    .calls()
    .filter(({ at }) => at === "begin")
    .map(({ name }) => name);

/** One day light, the next day dark. */
const COLOR_SCHEME = dailyPart(2) === 0 ? "light" : "dark";

/** Nothing is wider than a phone, a laptop or a large screen, and in today's color scheme there is nothing to find fault with. */
const looksRight = async (page: Page, part: "main" | "[role=dialog]"): Promise<void> => {
  for (const width of [390, 2_560, 1_440]) {
    await page.setViewportSize({ width, height: 900 });
    await eventually(
      async () =>
        ((await page.evaluate("document.documentElement.scrollWidth")) as number) <= width || undefined,
    );
  }
  await page.emulateMedia({ colorScheme: COLOR_SCHEME });
  await page.locator(`[data-mantine-color-scheme="${COLOR_SCHEME}"]`).waitFor({ state: "attached" });
  const { violations } = await analysisOf(page, part);
  expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
};

test("a run that an error paused is shown as that, and is retried, skipped, mended or given up", async () => {
  const { admin } = stack;
  const [retried = "", skipped = "", mended = "", lost = ""] = await halted("repairs", 4);
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/monitoring/workflow-runs");
  const { page } = visitor;
  const at = (runId: string) => `/demo/monitoring/workflow-runs/${runId}`;
  const row = (runId: string) => page.locator(`tr[data-run="${runId}"]`);
  const dialog = page.getByRole("dialog", { name: "Mend workflow run" });
  const press = async (name: string, scope: Page | Locator = page) => {
    await scope.getByRole("button", { name, exact: true }).focus();
    await page.keyboard.press("Enter");
  };
  const field = (name: string) => dialog.getByRole("textbox", { name });
  const write = async (name: string, text: string) => {
    await field(name).focus();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(text);
  };
  expect(await row(retried).textContent()).toMatch(
    /paused by an error.*NeedleBroke in step Mend(just now|\d+ minutes? ago)/,
  );
  await page.goto("/demo/monitoring/attention?flowId=repairs");
  await row(retried).getByText("NeedleBroke in step Mend: mend was told to fail").waitFor();

  await page.goto(at(retried));
  const notice = page.getByRole("alert").filter({ hasText: "NeedleBroke in step Mend" });
  await notice.getByText("Fix the cause, then choose how it continues").waitFor();
  await page.getByRole("treeitem", { name: /^Mend/ }).click();
  await page.getByRole("alert").getByText("mend was told to fail", { exact: true }).nth(1).waitFor();
  await looksRight(page, "main");
  stack.functions.mend("mend");
  await press("Retry step");
  await page.getByText("Workflow run resumed").waitFor();
  expect((await admin.untilStatus(retried, "completed")).output).toMatchObject({ mend: 1, post: 1 });
  expect(begun()).toEqual(["mend", "post"]);

  await page.goto(at(skipped));
  await press("Skip step");
  await dialog.getByText("Give the output of the skipped step.").waitFor();
  await write("Output of “Mend”", '{"coat": ');
  await dialog.getByText("Not valid JSON: the end is missing").waitFor();
  expect(await dialog.getByRole("button", { name: "Skip and resume" }).isEnabled()).toBe(false);
  await page.keyboard.press("Escape");
  await write("Output of “Mend”", '{"coat": 9}');
  await press("Skip and resume", dialog);
  await page.getByText("Workflow run resumed").waitFor();
  expect((await admin.untilStatus(skipped, "completed")).output).toEqual({ coat: 9, post: 1 });
  expect(begun()).toEqual(["mend", "post", "post"]);

  await page.goto("/demo/monitoring/attention?flowId=repairs");
  await press(`More actions for run ${lost}`);
  await page.getByRole("menuitem", { name: "Give up" }).click();
  await press("Give up", page.getByRole("dialog", { name: "Give up on this run?" }));
  await page.getByText("Workflow run given up").waitFor();
  expect((await admin.untilStatus(lost, "failed")).error).toMatchObject({ error: "NeedleBroke" });

  await admin.publish("repairs", chain({ Mend: task("cut"), Sew: task("mend"), Post: task("post") }));
  await page.goto(at(mended));
  await press("Mend run");
  await field("Input of “Mend”").getByText('"cut": 1').waitFor();
  await dialog.locator('[data-state="Mend"][data-selected][data-status="failed"]').waitFor();
  await dialog.getByRole("radio", { name: "Latest (version 2)" }).check();
  await write("Input of “Mend”", '{\n  "coat": 2,\n  "cut": 1\n}');
  await dialog.locator(".cm-deletedChunk", { hasText: '"coat": 1' }).waitFor();
  await looksRight(page, "[role=dialog]");
  await dialog.locator('[data-state="Sew"]').click();
  await dialog.getByRole("combobox", { name: "State" }).waitFor();
  expect(await dialog.getByRole("combobox", { name: "State" }).inputValue()).toBe("Sew");
  await write("Input of “Sew”", '{"coat": 3}');
  await dialog.getByText("The run continues at “Sew” on version 2, with the changed input.").waitFor();
  await press("Show what would be called next", dialog);
  const next = dialog.getByRole("region", { name: "What would be called next" });
  await next.getByText("“Sew” (Task)").waitFor();
  await next.getByText('"coat": 3').waitFor();
  expect(begun()).not.toContain("cut");
  // Somebody else was faster.
  await admin.expect([200], "POST", `/runs/${mended}/resume`, { giveUp: true });
  await press("Resume run", dialog);
  await dialog.getByRole("alert").getByText("The run is over").waitFor();
  await press("Back", dialog);
  await page.getByRole("button", { name: "Replay", exact: true }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 90_000);

test("an operator retries and gives up; other data, states and versions are an administrator's", async () => {
  const { admin } = stack;
  const [first = "", second = ""] = await halted("hems", 2);
  const visitor = await Visitor.of(browser, stack.url, "operator", `/demo/monitoring/workflow-runs/${first}`);
  const { page } = visitor;
  await page.getByRole("button", { name: "Give up" }).waitFor();
  for (const name of ["Skip step", "Mend run"])
    expect(await page.getByRole("button", { name }).count()).toBe(0);
  await page.goto("/demo/monitoring/attention?flowId=hems");
  stack.functions.mend("mend");
  await page.getByRole("button", { name: `Retry run ${second}` }).click();
  await page.locator(`tr[data-run="${second}"]`).waitFor({ state: "detached" });
  await admin.untilStatus(second, "completed");
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a failed Parallel is tried again as a whole in the form, which says so, also after a click on Retry", async () => {
  const { admin } = stack;
  const branches = [{ StartAt: "Mend", States: { Mend: task("mend", { End: true }) } }];
  const both = { Type: "Parallel", Branches: branches, ResultPath: null, End: true };
  stack.functions.fail("mend", "NeedleBroke");
  await admin.publish("pairs", { StartAt: "Both", States: { Both: both } }, { onFailure: "pause" });
  const halted = async () => {
    const { runId } = await admin.dispatch("pairs", { coat: 1 });
    await admin.until(runId, (run) => run.status === "paused" && run.parkedAt !== undefined);
    return runId;
  };
  const first = await halted();
  const runId = await halted();
  stack.functions.mend("mend");
  const operator = await Visitor.of(
    browser,
    stack.url,
    "operator",
    `/demo/monitoring/workflow-runs/${first}`,
  );
  await operator.page.getByText("Only an administrator can run “Both” again").waitFor();
  expect(await operator.page.getByRole("button", { name: "Retry step" }).count()).toBe(0);
  await operator.close();
  const visitor = await Visitor.of(browser, stack.url, "admin", `/demo/monitoring/workflow-runs/${first}`);
  const { page } = visitor;
  for (const [halt, choice] of [
    [first, "Retry step"],
    [runId, "Mend run"],
  ] as const) {
    await page.goto(`/demo/monitoring/workflow-runs/${halt}`);
    await page.getByText("again as a whole, with the same input").waitFor();
    await page.getByRole("button", { name: choice }).click();
    const dialog = page.getByRole("dialog", { name: "Mend workflow run" });
    await dialog.getByText("Branches and iterations that had finished are called again.").waitFor();
    await dialog.getByRole("button", { name: "Resume run" }).click();
    await page.getByText("Workflow run resumed").first().waitFor();
    await admin.untilStatus(halt, "completed");
  }
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("the root cause is found, mended in the flow and activated, and the runs that it stopped go on", async () => {
  const { admin } = stack;
  const flowId = "coats";
  await admin.publish(flowId, chain({ Mend: task("mend"), Post: task("post") }));
  const visitor = await Visitor.of(browser, stack.url, "admin", `/demo/flows/${flowId}`);
  const { page } = visitor;
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "When a step fails" }).click();
  await page.getByRole("dialog").getByRole("radio", { name: "Is paused with the error" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The run is paused").waitFor();
  const haltedAt = async (name: "mend" | "post") => {
    for (const each of ["mend", "post"]) stack.functions.mend(each);
    stack.functions.fail(name, "NeedleBroke");
    const { runId } = await admin.dispatch(flowId, { coat: 1 });
    await admin.until(runId, (run) => run.status === "paused" && run.parkedAt !== undefined);
    return runId;
  };
  const elsewhere = await haltedAt("post");
  const first = await haltedAt("mend");
  const second = await haltedAt("mend");
  const group = (text: string) => page.getByRole("row").filter({ hasText: text });

  // Find the failure.
  await page.getByRole("link", { name: "Failures" }).click();
  await page.getByRole("heading", { name: "Failures" }).waitFor();
  await page.getByLabel("Flow ID").fill(flowId);
  await page.waitForURL(/flowId=coats/);
  const broken = group("NeedleBroke in Mend");
  await broken.getByText("2 runs").waitFor();
  await broken.getByRole("link", { name: second }).click();
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator('[data-state="Mend"][data-status="failed"]').waitFor();

  // Add a fault path in the flow, and activate it.
  await page
    .getByRole("region", { name: "Overview" })
    .getByRole("link", { name: flowId, exact: true })
    .click();
  await page.getByRole("button", { name: "Edit and publish" }).click();
  await page.getByRole("textbox", { name: "Definition" }).click();
  await page.keyboard.press("ControlOrMeta+A");
  const catcher = [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: "Sew by hand" }];
  const { States } = chain({
    Mend: task("mend", { Catch: catcher }),
    "Sew by hand": task("cut"),
    Send: task("cut"),
  });
  await page.keyboard.insertText(JSON.stringify({ StartAt: "Mend", States }, null, 2));
  await page.keyboard.press("Escape");
  await page.getByLabel("Publish as a draft").check();
  await page.getByRole("button", { name: "Publish draft" }).click();
  await page.getByText("Version 2 published").waitFor();
  await page.getByRole("button", { name: "Activate", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await page.getByText("Version 2 is active").waitFor();

  // Mend the runs.
  await page.goto(`/demo/monitoring/failures?flowId=${flowId}`);
  await page.getByRole("button", { name: "Mend 2 runs with NeedleBroke" }).click();
  await page.getByRole("menuitem", { name: "Resume 2 runs" }).click();
  const bulk = page.getByRole("dialog", { name: "Resume runs" });
  await bulk.getByRole("radio", { name: "Latest" }).check();
  await bulk.getByText("2 runs of coats, version 1, at “Mend”").waitFor();
  await bulk.getByText("From “Mend” of version 2. May be called a second time: Mend").waitFor();
  await looksRight(page, "[role=dialog]");
  stack.functions.forget();
  await bulk.getByRole("button", { name: "Resume 2 runs" }).click();
  await bulk.getByText("2 of 2 runs: 2 resumed").waitFor({ timeout: 30_000 });
  await bulk.getByRole("button", { name: "Close" }).click();
  for (const runId of [first, second])
    expect((await admin.untilStatus(runId, "completed")).flowVersion).toBe(2);
  expect(begun().toSorted()).toEqual(["cut", "cut", "cut", "cut", "mend", "mend"]);

  await broken.waitFor({ state: "detached" });

  // What stands at a state that the fix does not have is skipped, and sent elsewhere.
  await page.getByRole("button", { name: "Mend 1 run with NeedleBroke" }).click();
  await page.getByRole("menuitem", { name: "Resume 1 run" }).click();
  await bulk.getByRole("radio", { name: "Latest" }).check();
  await bulk.getByText("1 cannot, and stay").waitFor();
  await bulk.getByText(/at “Post”: Version 2 of the flow has no state "Post"/).waitFor();
  expect(await bulk.getByRole("button", { name: "Resume 0 runs" }).isEnabled()).toBe(false);
  await bulk.getByRole("button", { name: "Back" }).click();
  await group("NeedleBroke in Post").getByRole("link", { name: elsewhere }).click();
  await page.getByRole("button", { name: "Mend run" }).click();
  const mend = page.getByRole("dialog", { name: "Mend workflow run" });
  await mend.getByRole("radio", { name: "Latest (version 2)" }).check();
  await mend.getByText("Version 2 has no state “Post”").waitFor();
  await mend.locator('[data-state="Send"]').click();
  await mend.getByText("The run continues at “Send” on version 2").waitFor();
  await mend.getByRole("button", { name: "Resume run" }).click();
  expect((await admin.untilStatus(elsewhere, "completed")).output).toMatchObject({ coat: 1, cut: 1 });
  await page.getByRole("tab", { name: "Audit trail" }).click();
  await page.getByText("from “Post” to “Send” of version 2").waitFor();

  // The next run does not fail in the same way.
  const { runId } = await admin.dispatch(flowId, {});
  await admin.untilStatus(runId, "completed");
  await page.goto(`/demo/monitoring/failures?flowId=${flowId}`);
  await page.getByText("No failures").waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 90_000);

test("a run leaves an execution that somebody else started once the person has agreed", async () => {
  const { admin, functions } = stack;
  const team = new Team(stack.url);
  const machine = await team.create(
    "overcoats",
    chain({ Cut: task("cut"), Mend: task("mend"), Post: task("post") }),
  );
  await admin.expect([200], "POST", "/flows/overcoats/attach", { stateMachineArn: machine.arn });
  functions.forget();
  functions.block("cut");
  const arn = await machine.start({ coat: 1 });
  await eventually(() => functions.count("cut") > 0 || undefined);
  const { runId } = await runOf(admin, arn);
  await admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  functions.release("cut");
  await admin.until(runId, ({ parkedAt }) => parkedAt !== undefined);

  const visitor = await Visitor.of(browser, stack.url, "admin", `/demo/monitoring/workflow-runs/${runId}`);
  const { page } = visitor;
  await page.getByRole("button", { name: "More actions", exact: true }).click();
  await page.getByRole("menuitem", { name: "Mend run" }).click();
  const dialog = page.getByRole("dialog", { name: "Mend workflow run" });
  await dialog.locator('[data-state="Post"]').click();
  await dialog.getByText("Confirm that the run may leave it.").waitFor();
  const resume = dialog.getByRole("button", { name: "Resume run" });
  expect(await resume.isEnabled()).toBe(false);
  await dialog.getByRole("checkbox", { name: "Leave the execution that somebody else started" }).check();
  await resume.click();
  await page.getByText("Workflow run resumed").waitFor();
  expect((await admin.untilStatus(runId, "completed")).output).toMatchObject({ coat: 1, post: 1 });
  expect(await machine.ended(arn)).toMatchObject({ status: "ABORTED" });
  expect(begun()).toEqual(["cut", "post"]);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
}, 60_000);
