import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type Client, clientFor, eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { functionsFolder } from "../../harness/stack/functions-folder.ts";
import { publishedEvents } from "../../harness/stack/published-events.ts";
import { type StackProcess, startStackProcess } from "../../harness/stack/stack-process.ts";

/** `EVENTS_KILL_RUNS=300` for the full size. */
const RUNS = Number(process.env["EVENTS_KILL_RUNS"] ?? 12);

const data = mkdtempSync(join(tmpdir(), "sluice-events-"));
const functions = functionsFolder("one");
let stack: StackProcess | undefined;
afterAll(async () => {
  await stack?.kill();
  functions.remove();
  rmSync(data, { recursive: true, force: true });
});

const start = async (): Promise<Client> => {
  stack = await startStackProcess("--port", "0", "--data", data, "--functions", functions.dir);
  return clientFor(stack.url, "admin");
};

/** The ids of the events of each run, in order and without repetition. */
const told = async (client: Client, runIds: readonly string[]): Promise<string[][]> => {
  const events = await publishedEvents(client);
  return runIds.map((runId) => [
    ...new Set(events.filter(({ detail }) => detail.runId === runId).map(({ detail }) => detail.id)),
  ]);
};
const idsOf = (runId: string) => [1, 2, 3].map((rev) => `demo/${runId}/${rev}`);

it("no event is missing after a kill -9 between a change and its event, or during changes", async () => {
  const payloads = Array.from({ length: RUNS }, (_, i) => ({ i }));
  let admin = await start();
  await admin.publish("one", tasks("one"));
  await admin.expect([200], "POST", "/local/faults", {
    ...{ service: "events", operation: "PutEvents", when: "before" },
  });
  const first = (await new FlowClient(admin, "one").dispatchAll(payloads)).map(({ runId }) => runId);
  await new FlowClient(admin, "one").untilCensus({ completed: RUNS });
  expect((await told(admin, first)).flat()).toEqual([]);
  await stack?.kill();

  admin = await start();
  expect(await eventually(async () => complete(await told(admin, first), first))).toBe(true);

  const flow = new FlowClient(admin, "one");
  const second = (await flow.dispatchAll(payloads)).map(({ runId }) => runId);
  await flow.until(() => functions.count("one") > RUNS + RUNS / 5);
  await stack?.kill();

  admin = await start();
  await admin.advance("PT5M"); // the sweeper redoes what was left half-done
  await new FlowClient(admin, "one").untilCensus({ completed: 2 * RUNS });
  expect(await told(admin, [...first, ...second])).toEqual([...first, ...second].map(idsOf));
}, 120_000);

const complete = (ids: readonly string[][], runIds: readonly string[]): true | undefined =>
  JSON.stringify(ids) === JSON.stringify(runIds.map(idsOf)) ? true : undefined;
