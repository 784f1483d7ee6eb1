import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type Client, eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Page {
  readonly items: Run[];
  readonly nextCursor?: string;
}
interface Units {
  readonly readUnits: number;
  readonly calls: number;
}

/** The long list of the last test. In full: `SLUICE_ATTENTION_RUNS=10000 npx vitest run test/acceptance/runs/attention.test.ts`. */
const MANY = Number(process.env["SLUICE_ATTENTION_RUNS"] ?? 90);
const FEW = MANY < 200 ? 60 : 100;
/** A failed run at the cost of two state transitions. */
const fails = (error: string, cause: string) => ({
  StartAt: "Refuse",
  States: { Refuse: { Type: "Fail", Error: error, Cause: cause } },
});

let stack: TestStack;
let member: Client;
beforeAll(async () => {
  stack = await testStack("work");
  member = await stack.as("member");
  const approval = { ...task("x"), Resource: "arn:sluice:::approval", Parameters: { Title: "Ship?" } };
  await stack.admin.publish("declined", fails("Card.Declined", "No funds left"));
  await stack.admin.publish("timed-out", fails("Gateway.Timeout", "No answer"));
  await stack.admin.publish("dozes", chain({ Doze: { Type: "Wait", Seconds: 864_000 } }));
  await stack.admin.publish("asks", chain({ Ask: approval }));
  await stack.admin.publish("works", tasks("work"));
  await stack.admin.publish("still", tasks("work"));
  await stack.admin.expect([200], "POST", "/flows/still/pause", {});
});
afterAll(() => stack.close());

const list = async (path: string, client = stack.operator): Promise<Run[]> =>
  (await client.expect<Page>([200], "GET", path)).items;
const ids = (runs: readonly Run[]): string[] => runs.map((run) => run.runId);
const failed = async (flowId: string, client = stack.operator): Promise<string> => {
  const { runId } = await client.dispatch(flowId, {});
  await client.untilStatus(runId, "failed");
  return runId;
};
/** The operator paused it before it began: its flow is held, so that no execution is needed. */
const paused = async (reason: string): Promise<string> => {
  const { runId } = await stack.operator.dispatch("still", {});
  expect((await stack.operator.act(runId, "pause", { reason })).status).toBe(200);
  return runId;
};
const emptied = async (): Promise<void> => {
  for (const { runId } of await list("/attention?include=waiting&limit=200")) {
    await stack.operator.act(runId, "cancel");
    await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
  }
};

describe("the attention list", () => {
  it("shows since when and why each run needs attention and what may be done, newest first", async () => {
    const declined = await failed("declined", member);
    stack.functions.block("work");
    const { runId: held } = await stack.operator.dispatch("works", {});
    await stack.operator.untilStatus(held, "running");
    await stack.admin.advance("PT1H");
    const { runId: dozes } = await stack.operator.dispatch("dozes", {});
    await stack.operator.untilStatus(dozes, "waiting");
    await stack.admin.advance("PT1H");
    await stack.operator.act(held, "pause", { reason: "Wrong address" });
    stack.functions.release("work");
    await stack.operator.until(held, (run) => run.parkedAt !== undefined);
    await stack.admin.advance("PT1H");
    const { runId: asks } = await stack.operator.dispatch("asks", {});
    await stack.operator.untilStatus(asks, "waiting");

    const [pause, failure, ...more] = await list("/attention");
    expect(more).toEqual([]);
    expect(pause).toMatchObject({
      runId: held,
      flowId: "works",
      startedBy: "operator",
      status: "paused",
      currentStep: "work",
      allowedActions: ["resume", "cancel"],
      pausedBy: { kind: "user", id: "operator", reason: "Wrong address" },
    });
    expect(pause?.since).toBe(pause?.pausedBy?.at);
    expect(failure).toMatchObject({
      runId: declined,
      flowId: "declined",
      startedBy: "member",
      status: "failed",
      error: { error: "Card.Declined", cause: "No funds left", state: "Refuse" },
      allowedActions: [],
    });
    expect(failure?.since).toBe(failure?.endedAt);
    const all = await list("/attention?include=waiting");
    expect(ids(all)).toEqual([asks, held, dozes, declined]);
    expect(all[2]).toMatchObject({
      status: "waiting",
      waitingOn: { kind: "delay" },
      allowedActions: ["cancel"],
    });
    expect(all.map((run) => run.since)).toEqual(
      all
        .map((run) => run.since)
        .sort()
        .reverse(),
    );
    // The format is that of the other lists.
    const shown = await list("/runs?status=paused,failed,waiting");
    expect([...shown].sort(byId)).toEqual([...all].sort(byId));
    expect(ids(await list("/attention", member))).toEqual([declined]);
  });

  it("combines all filters of lists of runs", async () => {
    const timedOut = await failed("timed-out");
    const [late, held, , declined] = ids(
      await list("/attention?include=waiting&status=failed,paused,waiting"),
    ).slice(-4);
    const at = async (query: string) => ids(await list(`/attention?${query}`));
    expect(await at("status=failed")).toEqual([timedOut, declined]);
    expect(await at("status=paused")).toEqual([held]);
    expect(await at("include=waiting&status=waiting&flowId=asks")).toEqual([late]);
    expect(await at("flowId=declined&startedBy=member&error=NO%20FUNDS")).toEqual([declined]);
    expect(await at("error=card.dec&startedBy=operator")).toEqual([]);
    expect(await at("pausedBy=operator")).toEqual([held]);
    expect(await at("pausedBy=user&flowId=works")).toEqual([held]);
    expect(await at("pausedBy=flow")).toEqual([]);
    const { createdAt } = await stack.operator.run(held ?? "");
    const time = encodeURIComponent(createdAt);
    expect(await at(`createdAfter=${time}`)).toEqual([timedOut]);
    expect(await at(`createdBefore=${time}`)).toEqual([declined]);
  });

  it.each([
    ["status=completed", "status"],
    ["status=waiting", "status"],
    ["include=all", "include"],
    ["cursor=e30", "cursor"],
    ["cursor=%FF", "cursor"],
    ["createdAfter=now", "createdAfter"],
    ["colour=red", "colour"],
  ])("?%s is refused with its name", async (query, path) => {
    const { status, body } = await stack.operator.call("GET", `/attention?${query}`);
    expect([status, body["code"], body["errors"]]).toMatchObject([422, "invalid_request", [{ path }]]);
  });

  it("rejects the cursor of another list and a forged one", async () => {
    await failed("declined");
    const { nextCursor = "" } = await stack.operator.expect<Page>([200], "GET", "/attention?limit=1");
    const refused = async (path: string, cursor: string) => {
      const { status, body } = await stack.operator.call("GET", `${path}cursor=${cursor}`);
      expect([status, body["code"]]).toEqual([422, "invalid_request"]);
    };
    await refused("/runs?", nextCursor);
    await refused("/attention?status=failed&", nextCursor);
    await refused("/attention?include=waiting&", nextCursor);
    const forged = { ...JSON.parse(Buffer.from(nextCursor, "base64url").toString()), at: "\ud800" };
    await refused("/attention?", Buffer.from(JSON.stringify(forged)).toString("base64url"));
    await refused("/attention?", Buffer.from(JSON.stringify({ ...forged, at: "" })).toString("base64url"));
  });

  it("keeps its place, whatever the page size, while runs change and are deleted", async () => {
    await emptied();
    const there: string[] = [];
    for (let i = 0; i < 9; i += 1) {
      there.unshift(i % 3 === 0 ? await failed("declined") : await paused("look"));
    }
    const pageOf = (limit: number, cursor = "") =>
      stack.operator.expect<Page>([200], "GET", `/attention?limit=${limit}${cursor}`);
    const sizes = [1, 2, 3];
    const firsts = await Promise.all(sizes.map((limit) => pageOf(limit)));
    expect(firsts.map(({ items }) => ids(items))).toEqual(sizes.map((limit) => there.slice(0, limit)));

    // The anchors of all three cursors, and a run that follows; two runs that change; one that is new.
    const deleted = there.filter((_, i) => i < 3 || i === 4);
    for (const runId of deleted) await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
    const [resumed = "", again = ""] = [there[7], there[6]];
    for (const runId of [resumed, again])
      expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    expect((await stack.operator.act(again, "pause")).status).toBe(200);
    const late = await failed("declined");

    const stayed = [there[3], there[5], there[8]];
    for (const [i, limit] of sizes.entries()) {
      const seen: string[] = [];
      let next = firsts[i]?.nextCursor;
      for (let pages = 0; next !== undefined && pages < 20; pages += 1) {
        const { items, nextCursor } = await pageOf(limit, `&cursor=${next}`);
        expect(items.length).toBeLessThanOrEqual(limit);
        seen.push(...ids(items));
        next = nextCursor;
      }
      expect(next).toBeUndefined();
      expect(seen).toEqual(stayed);
    }
    expect(ids(await list("/attention"))).toEqual([late, again, ...stayed]);
  });
});

describe(`the first page of ${MANY} runs`, () => {
  const dispatched = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 100) {
      const records = Array.from({ length: Math.min(100, count - i) }, () => ({ payload: {} }));
      await stack.operator.expect([200], "POST", "/flows/declined/runs/batch", { records });
    }
    const open = "/runs?status=pending,running&flowId=declined&limit=1";
    await eventually(async () => (await list(open)).length === 0, 30 + MANY / 20);
  };
  const unitsOf = async (path: string): Promise<Units & { page: Page }> => {
    await stack.admin.call("DELETE", "/local/usage");
    const page = await stack.operator.expect<Page>([200], "GET", path);
    const { body } = await stack.admin.call<{ dynamodb: { byFunction: Record<string, Units> } }>(
      "GET",
      "/local/usage",
    );
    const { readUnits, calls } = body.dynamodb.byFunction["sluice-read"] ?? { readUnits: 0, calls: 0 };
    return { readUnits, calls, page };
  };

  it("costs as much as that of a short list, and finds a rare match in bounded steps", {
    timeout: 2_400_000,
  }, async ({ annotate }) => {
    await emptied();
    await stack.admin.publish("declined", fails("Card.Declined", "No funds left"));
    await dispatched(FEW);
    const few = await unitsOf("/attention");
    await dispatched(MANY - FEW);
    const many = await unitsOf("/attention");
    annotate(`read units of the first page: ${few.readUnits} with ${FEW}, ${many.readUnits} with ${MANY}`);
    expect([few.page.items.length, many.page.items.length]).toEqual([50, 50]);
    expect(many.calls).toBe(few.calls);
    // Index pages are billed in steps of half a unit, and a short list may end within one.
    expect(Math.abs(many.readUnits - few.readUnits)).toBeLessThanOrEqual(2);

    const found = new Set<string>();
    let dearest = 0;
    let pages = 0;
    for (let cursor = ""; ; pages += 1) {
      const { readUnits, page } = await unitsOf(`/attention?limit=200&error=nowhere${cursor}`);
      dearest = Math.max(dearest, readUnits);
      for (const id of ids(page.items)) found.add(id);
      if (page.nextCursor === undefined) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    annotate(`a filter that nothing matches: ${pages + 1} pages, at most ${dearest} read units each`);
    expect([...found]).toEqual([]);
    expect(dearest).toBeLessThan(1_500);
    expect(pages).toBeLessThanOrEqual(MANY / 1_000);
  });
});

const byId = (a: Run, b: Run): number => (a.runId < b.runId ? -1 : 1);
