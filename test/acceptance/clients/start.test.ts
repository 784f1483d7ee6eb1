import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { clientFor } from "../../harness/clients/client.ts";
import { startStackProcess } from "../../harness/stack/stack-process.ts";

describe("npm start", () => {
  const data = mkdtempSync(join(tmpdir(), "sluice-start-"));
  afterAll(() => rmSync(data, { recursive: true, force: true }));

  it("is ready within 5 s, publishes the flows of its folder, answers, and stops cleanly", async () => {
    const start = () =>
      startStackProcess(
        ...["--port", "0", "--data", data],
        ...["--functions", "examples/functions", "--flows", "examples/flows", "--workspace", "acme"],
      );
    let stack = await start();
    // Other tests share the processors, so the test fails only after three slow starts.
    for (let more = 2; stack.readyAfter >= 5_000 && more > 0; more -= 1) {
      expect(await stack.stop()).toBe(0);
      stack = await start();
    }
    expect(stack.readyAfter).toBeLessThan(5_000);
    const health = await fetch(`${stack.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    const viewer = await clientFor(stack.url, "viewer", "acme");
    const flows = await viewer.expect<{ items: { flowId: string }[] }>([200], "GET", "/flows");
    expect(flows.items.map((flow) => flow.flowId).toSorted()).toEqual([
      "invoice-batch",
      "lead-enrolment",
      "order-approval",
      "order-return",
    ]);
    const operator = await clientFor(stack.url, "operator", "acme");
    const { runId } = await operator.dispatch("invoice-batch", { count: 8 });
    expect((await operator.untilStatus(runId, "completed")).output).toEqual({ posted: 7, reported: 1 });
    const parcel = { email: "ada@example.com", reservation: { reservationId: "r-1" } };
    const returned = await operator.dispatch("order-return", parcel);
    await operator.untilStatus(returned.runId, "waiting");
    expect(await stack.stop()).toBe(0);
  });
});
