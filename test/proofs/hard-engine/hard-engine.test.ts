import { describe, expect, test } from "vitest";
import { createClient } from "../../../shared/client/client.ts";
import { tokenFor } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { dailyPart } from "../../harness/daily-part.ts";
import { tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { hardStack } from "../../harness/stack/test-stack.ts";
import { HARDNESS } from "../../harness/table/hard-engine.ts";

const QUEUED = 6;

test("workspaces are made even if every second transaction meets a conflict", async () => {
  const stack = await hardStack({ transactionConflicts: 2 });
  try {
    const platform = await stack.as("platform");
    for (const name of ["one", "two", "three", "four"]) {
      const admins = [`boss-of-${name}`, "deputy"];
      await platform.expect([201], "PUT", `/v1/workspaces/${name}`, { admins });
      const boss = await stack.as(`boss-of-${name}`);
      const path = `/v1/workspaces/${name}/members`;
      const { items } = await boss.expect<{ items: { userId: string }[] }>([200], "GET", path);
      expect(items.map(({ userId }) => userId).toSorted()).toEqual(admins.toSorted());
    }
    expect(stack.engine.hits).toBeGreaterThan(2);
  } finally {
    await stack.close();
  }
});

/** A sixth of them, others the next day. `npm run hard-engine` runs a part of the acceptance tests under each of these. */
describe.each(Object.entries(HARDNESS).filter((_entry, index) => index % 6 === dailyPart(6)))(
  "an engine with %s",
  (_name, hardness) => {
    test("changes nothing of what users see", { timeout: 90_000 }, async () => {
      const stack = await hardStack(hardness, "one", "two");
      try {
        const { admin, functions } = stack;
        // Like a client, it repeats a request when the service asks for that.
        const token = await tokenFor(stack.url, { user: "admin" });
        const api = createClient({
          url: stack.url,
          workspace: "demo",
          token: async () => token,
          retry: true,
        });
        await admin.publish("orders", tasks("one", "two"));
        const flow = new FlowClient(admin, "orders");

        // A run is paused in a step, parks, and continues.
        functions.block("one");
        const { runId } = await admin.dispatch("orders", { n: 0 });
        await admin.until(runId, ({ currentStep }) => currentStep === "one");
        expect((await admin.act(runId, "pause")).status).toBe(200);
        functions.release("one");
        await admin.until(runId, ({ parkedAt }) => parkedAt !== undefined);
        expect(functions.count("two")).toBe(0);
        expect((await admin.act(runId, "resume")).status).toBe(200);
        await admin.untilStatus(runId, "completed");
        expect((await admin.audit(runId)).map(({ action }) => action).toReversed()).toEqual([
          "dispatch",
          "begin",
          "pause",
          "resume",
          "complete",
        ]);

        // Records queue while the flow is held, and all start.
        expect((await flow.pause()).status).toBe(200);
        const records = Array.from({ length: QUEUED }, (_, n) => ({ n }));
        await flow.dispatchAll(records);
        expect((await flow.now()).queued).toBe(QUEUED);
        expect((await flow.resume({ drainRate: 100 })).status).toBe(200);
        await flow.untilCensus({ completed: QUEUED + 1 });
        expect(functions.count("two")).toBe(QUEUED + 1);

        // Many runs are deleted together, and then the flow.
        const body = { action: "delete" as const, filter: { status: ["completed" as const] } };
        const { bulkId } = await api.startBulkOperation({ body, idempotencyKey: "once" });
        let bulk = await api.getBulkOperation({ bulkId });
        while (bulk.status === "running") bulk = await api.getBulkOperation({ bulkId });
        expect(bulk).toMatchObject({ status: "completed", succeeded: QUEUED + 1, failed: 0 });
        await admin.advance("PT2M");
        await api.deleteFlow({ flowId: "orders", ifMatch: "any" });
        await admin.advance("PT10M");
        const left = (await allItems(stack.url)).filter(({ SK }) =>
          /^(RUN|QUEUE|PARK|S#|P#)/.test(String(SK)),
        );
        expect(left.filter((item) => item["deleted"] !== true)).toEqual([]);
        if (!("staleReads" in hardness)) expect(stack.engine.hits).toBeGreaterThan(0);
      } finally {
        await stack.close();
      }
    });
  },
);
