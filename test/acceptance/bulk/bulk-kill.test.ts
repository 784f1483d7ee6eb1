import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { clientFor, eventually } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { type StackProcess, startStackProcess } from "../../harness/stack/stack-process.ts";

/** For more: `BULK_RUNS=10000 npx vitest run test/acceptance/bulk/bulk-kill.test.ts`. */
const RUNS = Number(process.env["BULK_RUNS"] ?? 80);
const HALF = RUNS / 2;
const SECONDS = 60 + RUNS / 10;

describe("kill -9 during a bulk deletion", () => {
  const data = mkdtempSync(join(tmpdir(), "sluice-bulk-"));
  let stack: StackProcess | undefined;
  afterAll(async () => {
    await stack?.kill();
    rmSync(data, { recursive: true, force: true });
  });
  const times: string[] = [];
  let began = performance.now();
  const lap = (what: string) => {
    times.push(`${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    began = performance.now();
  };

  it(
    `${RUNS} failed and paused runs: it continues by itself, deletes each once, and its counters are exact`,
    async ({ annotate }) => {
      const start = () => startStackProcess("--port", "0", "--data", data);
      stack = await start();
      const admin = await clientFor(stack.url, "admin");
      const bulks = new BulkClient(admin);
      const Oh = { Type: "Fail", Error: "Oh", Cause: "no" };
      await admin.publish("fails", { StartAt: "Oh", States: { Oh } });
      await admin.publish("held", tasks("one"));
      await admin.expect([200], "POST", "/flows/held/pause", {});
      const runIds = [...(await bulks.dispatch("fails", HALF)), ...(await bulks.dispatch("held", HALF))];
      lap("dispatch");
      const paused = await bulks.run({ action: "pause", filter: { flowId: "held" }, rate: 1_000 }, SECONDS);
      expect(paused.bulk).toMatchObject({ matched: HALF, succeeded: HALF, failed: 0 });
      lap("pause of half");
      const filter = { status: ["failed" as const, "paused" as const] };
      await eventually(async () => {
        const preview = await admin.call("POST", "/bulk-operations", {
          ...{ action: "delete", filter, dryRun: true },
        });
        return preview.body["matched"] === RUNS || undefined;
      }, SECONDS);
      lap("all failed");

      const { bulkId, matched } = await bulks.start({
        action: "delete",
        filter,
        reason: "tidy",
        rate: 1_000,
      });
      expect(matched).toBe(RUNS);
      lap("selection");
      const seen = await bulks.until(bulkId, ({ succeeded }) => succeeded >= RUNS / 4, SECONDS);
      expect(seen).toMatchObject({ status: "running" });
      expect(seen.succeeded).toBeLessThan(RUNS);
      await stack.kill();
      lap(`deletion of ${seen.succeeded}`);

      stack = await start();
      const client = await clientFor(stack.url, "admin");
      const again = new BulkClient(client);
      expect(await again.end(bulkId, SECONDS)).toMatchObject({
        ...{ status: "completed", matched: RUNS, succeeded: RUNS, skipped: 0, failed: 0 },
      });
      lap("restart and the rest");
      const results = await again.results(bulkId);
      expect(results.map(({ runId }) => runId).sort()).toEqual(runIds.sort());
      expect(results.every(({ outcome }) => outcome === "succeeded")).toBe(true);
      expect(await again.runs({ status: "failed,paused" })).toEqual([]);
      const url = stack.url;
      const ofRuns = async () => (await allItems(url)).filter(({ PK }) => /#R#/.test(String(PK)));
      expect((await ofRuns()).filter(({ SK, deleted }) => SK !== "RUN" || deleted !== true)).toEqual([]);
      await eventually(async () => {
        await client.advance("PT3M");
        return (await ofRuns()).length === 0 || undefined;
      }, SECONDS);
      lap("nothing left of them");
      await annotate(times.join(", "));
      expect(await stack.stop()).toBe(0);
      stack = undefined;
    },
    (SECONDS + 60) * 4_000,
  );
});
