/** `npm run screenshots`: the pictures in the documents, taken from the running stack with the examples. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startLocalStack } from "../../local/start.ts";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { clientFor } from "../harness/clients/client.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
mkdirSync(IMAGES, { recursive: true });

const stack = await startLocalStack({
  port: 0,
  data: ":memory:",
  functions: fileURLToPath(new URL("../../examples/functions", import.meta.url)),
  flows: fileURLToPath(new URL("../../examples/flows", import.meta.url)),
});
const admin = await clientFor(stack.url, "admin");
const order = (orderId: string, amount: number, more = {}) =>
  admin.dispatch("order-approval", { orderId, amount, ...more });

await Promise.all([1, 2, 3].map((n) => order(`A-${n}`, 100 * n)));
const large = await order("A-4", 5_000);
const broken = await order("A-5", 80, { carrierDown: true });
const slow = await order("A-6", 90, { slow: true });
const lead = await admin.dispatch("lead-enrolment", { email: "ada@example.com", employees: 40 });
await admin.act(slow.runId, "pause", { reason: "wrong price list" });
await admin.untilStatus(large.runId, "waiting");
await admin.untilStatus(broken.runId, "failed");
await admin.untilStatus(lead.runId, "waiting");
await admin.expect([200], "POST", "/flows/lead-enrolment/pause", { reason: "mail server under repair" });
for (const name of ["bo", "cy", "di"])
  await admin.dispatch("lead-enrolment", { email: `${name}@example.com` });

const browser = await launchBrowser();
const { page } = await Visitor.of(browser, stack.url, "admin");
const shoot = async (name: string, path: string, told: string) => {
  await page.goto(path);
  await page.getByText(told).first().waitFor();
  if (name === "run-graph") await page.getByRole("tab", { name: "Graph" }).click();
  if (name === "run-graph" || name === "flow-paused") await page.locator("[data-state]").first().waitFor();
  // Wait until the graph has its final position.
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${IMAGES}${name}.png` });
};
await page.setViewportSize({ width: 1360, height: 900 });
await shoot("runs", "/demo/monitoring/workflow-runs", "order-approval");
await shoot("run-graph", `/demo/monitoring/workflow-runs/${large.runId}`, "waiting");
await shoot("attention", "/demo/monitoring/attention", "wrong price list");
await shoot("flow-paused", "/demo/flows/lead-enrolment", "mail server under repair");
await browser.close();
await stack.close();
process.stdout.write(`Written to ${IMAGES}\n`);
process.exit(0);
