import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../shared/model/json/json.ts";
import type { InboxItem } from "../../shared/model/schemas/inbox.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
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

test("an approval and a form are answered in the inbox, and the run's page updates by itself", async () => {
  const ask = (kind: string, parameters: JsonObject, more: JsonObject): JsonObject => ({
    Type: "Task",
    Resource: `arn:sluice:::${kind}`,
    Parameters: parameters,
    ...more,
  });
  const form = {
    type: "object",
    properties: {
      parcels: { type: "integer", title: "Parcels", minimum: 1 },
      size: {
        title: "Size",
        oneOf: [
          { const: "s", title: "Small" },
          { const: "l", title: "Large" },
        ],
      },
      color: { title: "Color", type: "string", oneOf: [{ const: "red" }, { const: "blue" }] },
      gift: { title: "Gift", type: "boolean" },
      carrier: {
        title: "Carrier",
        oneOf: [
          {
            title: "Own van",
            type: "object",
            properties: { van: { type: "integer", default: 1 } },
            required: ["van"],
          },
          {
            title: "Post",
            type: "object",
            properties: { service: { type: "string" } },
            required: ["service"],
          },
        ],
      },
      insurance: { title: "Insurance", anyOf: [{ type: "null" }, { type: "integer" }] },
    },
    required: ["parcels", "size", "gift", "carrier"],
  };
  await stack.admin.publish("ship", {
    StartAt: "Approve",
    States: {
      Approve: ask("approval", { Title: "Ship order 7?", Assignees: ["member"] }, { Next: "Count" }),
      Count: ask("form", { Title: "How many parcels?", Assignees: ["member"], Form: form }, { End: true }),
    },
  });
  const { runId } = await stack.admin.dispatch("ship", {});
  const answerer = await stack.as("member");
  /** The run waits a moment before the person is asked. */
  const untilAsked = (state: string) =>
    eventually(async () => {
      const { items } = await answerer.expect<{ items: InboxItem[] }>([200], "GET", "/inbox");
      return items.some(({ name }) => name === state) || undefined;
    });
  await untilAsked("Approve");
  const watcher = await Visitor.of(browser, stack.url, "viewer", `/demo/monitoring/workflow-runs/${runId}`);
  await watcher.page.clock.install();
  await watcher.page.reload();
  await watcher.page.getByRole("heading", { name: runId }).waitFor();
  const visitor = await Visitor.of(browser, stack.url, "member", "/demo/inbox");
  const { page } = visitor;

  // A link from an e-mail: only what this run asks.
  await stack.admin.publish("other", {
    StartAt: "Ask",
    States: { Ask: ask("approval", { Title: "Another?", Assignees: ["member"] }, { End: true }) },
  });
  await stack.admin.dispatch("other", {});
  const link = page.getByRole("link", { name: /^Inbox/ });
  await eventually(async () => {
    await page.reload();
    await page.getByRole("region", { name: "Ship order 7?" }).waitFor();
    return (await link.textContent()) === "Inbox2 waiting for you" || undefined;
  });
  await page.goto(`/demo/inbox?run=${runId}`);
  await page.getByText("Only what this run asks:").waitFor();
  expect(await page.getByRole("region", { name: "Another?" }).count()).toBe(0);
  await page.getByRole("link", { name: "Show all" }).click();
  const another = page.getByRole("region", { name: "Another?" });
  await another.getByRole("button", { name: "Reject" }).click();
  await another.waitFor({ state: "detached" });

  const approval = page.getByRole("region", { name: "Ship order 7?" });
  await approval.getByLabel("Comment (optional)").fill("all paid");
  await approval.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Approved").waitFor();
  await untilAsked("Count");
  await page.reload();
  const counting = page.getByRole("region", { name: "How many parcels?" });
  await counting.getByRole("button", { name: "Submit" }).click();
  // Nobody has chosen anything yet: each required field says so, once.
  await counting.getByText("Required").first().waitFor();
  expect(await counting.getByText("Required").count()).toBe(4);
  await counting.getByRole("textbox", { name: "Parcels" }).fill("3");
  await counting.getByRole("combobox", { name: "Size" }).click();
  await page.getByRole("option", { name: "Large" }).click();
  await counting.getByRole("radio", { name: "No" }).check();
  await counting.getByRole("combobox", { name: "Carrier" }).click();
  await page.getByRole("option", { name: "Post" }).click();
  await counting.getByRole("textbox", { name: "service" }).fill("express");
  await counting.getByRole("button", { name: "Submit" }).click();
  await page.getByText("Nothing is waiting for you").waitFor();
  const run = await stack.admin.untilStatus(runId, "completed");
  expect(run.output).toMatchObject({
    decision: "submitted",
    by: "member",
    data: { parcels: 3, size: "l", gift: false, carrier: { service: "express" } },
  });
  const answered = Object.keys((run.output as { data: object }).data);
  expect(answered.toSorted()).toEqual(["carrier", "gift", "parcels", "size"]);

  // Nobody uses the other page: only its timer updates it.
  await watcher.page.clock.runFor(31_000);
  await watcher.page.locator('h1 + [data-status="completed"]').waitFor();
  expect([...visitor.complaints, ...watcher.complaints]).toEqual([]);
  await Promise.all([visitor.close(), watcher.close()]);
});

test("members resume their own runs if the workspace allows it; administrators set permissions", async () => {
  await stack.admin.publish("naps", {
    StartAt: "Nap",
    States: { Nap: { Type: "Wait", Seconds: 3600, End: true } },
  });
  const own = await stack.as("member");
  await stack.admin.expect([200], "POST", "/flows/naps/pause", {});
  const { runId } = await own.dispatch("naps", {});
  await stack.admin.expect([200], "POST", `/runs/${runId}/pause`, {});
  const visitor = await Visitor.of(browser, stack.url, "admin", "/demo/settings");
  const { page } = visitor;
  await page.getByRole("tab", { name: "Workspace" }).click();
  await page.getByLabel("Members may resume their own paused runs").check();
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("Settings saved").waitFor();

  await page.getByRole("tab", { name: "Members" }).click();
  await page.getByRole("button", { name: "Add a member" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a member" });
  await dialog.getByLabel("User ID").fill("zoe");
  await dialog.getByLabel("Role").selectOption("viewer");
  await dialog.getByRole("button", { name: "Save member" }).click();
  await page.getByText("Member saved").waitFor();
  await page.locator('[data-member="zoe"]').getByText("viewer").waitFor();
  await page.getByRole("button", { name: "Edit member", exact: true }).click();
  const edit = page.getByRole("dialog", { name: "Edit member" });
  await edit.getByLabel("Name").fill("Mia Ross");
  await edit.getByLabel("E-mail").fill("mia@example.com");
  await edit.getByRole("button", { name: "Save member" }).click();
  await page.locator('[data-member="member"]').getByText("mia@example.com").waitFor();
  await page.goto(`${stack.url}/demo/monitoring/workflow-runs/${runId}`);
  const starter = page.getByText("Mia Ross", { exact: true }).first();
  expect(await starter.getAttribute("title")).toBe("member");
  await page.goto(`${stack.url}/demo/settings`);
  await page.getByRole("tab", { name: "Members" }).click();
  await page.getByRole("button", { name: "Remove admin" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove member" }).click();
  await page.getByText("Failed to remove the member").waitFor();

  const member = await Visitor.of(browser, stack.url, "member", "/demo/inbox");
  await member.page.getByRole("tab", { name: "My paused runs" }).click();
  await member.page
    .getByRole("region", { name: `Run ${runId}` })
    .getByRole("button", { name: "Resume" })
    .click();
  await member.page.getByText("Workflow run resumed").waitFor();
  expect((await stack.admin.run(runId)).status).toBe("pending");
  expect([...visitor.complaints, ...member.complaints]).toEqual([]);
  await Promise.all([visitor.close(), member.close()]);
});
