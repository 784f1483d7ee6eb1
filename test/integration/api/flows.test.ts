import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Flow, FlowVersion } from "../../../shared/model/schemas/flow.ts";
import type { Answer } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Published {
  readonly flow: Flow;
  readonly version: number;
  readonly warnings: string[];
}

describe("flows over HTTP", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two", "broken");
    stack.functions.fail("broken", "Broken");
  });
  afterAll(() => stack.close());

  const put = (flowId: string, body: JsonObject): Promise<Answer<Published>> =>
    stack.admin.call<Published>("PUT", `/flows/${flowId}`, body);
  const versions = async (flowId: string): Promise<FlowVersion[]> =>
    (await stack.admin.expect<{ items: FlowVersion[] }>([200], "GET", `/flows/${flowId}/versions`)).items;
  const ranOn = async (flowId: string): Promise<number> => {
    const { runId } = await stack.operator.dispatch(flowId, {});
    return (await stack.operator.untilStatus(runId, "completed")).flowVersion;
  };

  it("are published once per definition", async () => {
    const first = await put("same", { definition: tasks("one"), name: "Same", description: "d" });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      version: 1,
      warnings: [],
      flow: { version: 1, rev: 1, name: "Same" },
    });
    expect(first.headers.get("etag")).toBe('"1"');
    const { States, StartAt } = tasks("one");
    const again = await put("same", { definition: { States: States ?? {}, StartAt: StartAt ?? "" } });
    expect([again.status, again.body.version, again.body.flow.rev]).toEqual([200, 1, 1]);
    const renamed = await put("same", { definition: tasks("one"), name: "New name" });
    expect(renamed.body).toMatchObject({ version: 1, flow: { name: "New name", description: "d", rev: 1 } });
    expect(await versions("same")).toHaveLength(1);
    const other = await put("same", { definition: tasks("one"), runAs: "system" });
    expect(other.body).toMatchObject({ version: 2, flow: { version: 2, runAs: "system", rev: 2 } });
  });

  it("publishes a text unchanged, fills its placeholders and stores it with the version", async () => {
    const text = `# charges a card
StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: \${Function}
    TimeoutSeconds: \${Seconds}
    End: true
`;
    const substitutions = { Function: "arn:aws:lambda:us-east-1:123456789012:function:one", Seconds: 60 };
    const definition = {
      StartAt: "Charge",
      States: {
        Charge: { Type: "Task", Resource: substitutions.Function, TimeoutSeconds: 60, End: true },
      },
    };
    const first = await put("text", { definition: text, substitutions });
    expect([first.status, first.body.version]).toEqual([201, 1]);
    const path = "/flows/text/versions/1";
    const version = await stack.admin.expect<FlowVersion>([200], "GET", path);
    expect(version).toMatchObject({ definition, source: text, substitutions });
    expect(await ranOn("text")).toBe(1);

    // The filled definition makes the version, not its format. A comment is kept nevertheless.
    expect((await put("text", { definition })).body.version).toBe(1);
    const commented = `${text}# and nothing else\n`;
    expect((await put("text", { definition: commented, substitutions })).body.version).toBe(1);
    const kept = await stack.admin.expect<FlowVersion>([200], "GET", path);
    expect(kept).toMatchObject({ definition, source: commented });
    const changed = await put("text", { definition: text, substitutions: { ...substitutions, Seconds: 61 } });
    expect(changed.body.version).toBe(2);
  });

  it("refuses an EXPRESS machine with the reason, unless STANDARD is requested", async () => {
    const refused = await put("express", { definition: tasks("one"), machineType: "EXPRESS" });
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { errors: [{ path: "machineType", message: expect.stringContaining("ends after five minutes") }] },
    ]);
    expect((await stack.admin.call("GET", "/flows/express")).status).toBe(404);
    expect((await put("express", { definition: tasks("one"), machineType: "STANDARD" })).status).toBe(201);
  });

  it("fills the placeholders of an object, and shows no text for an object without any", async () => {
    const definition = { Comment: "${!Stage} is ${Stage}", ...tasks("one") };
    await put("object", { definition, substitutions: { Stage: "test" } });
    const version = await stack.admin.expect<FlowVersion>([200], "GET", "/flows/object/versions/1");
    expect(version.definition).toMatchObject({ Comment: "${Stage} is test" });
    expect(JSON.parse(version.source ?? "")).toEqual(definition);
    await put("object", { definition: tasks("one") });
    const plain = await stack.admin.expect<FlowVersion>([200], "GET", "/flows/object/versions/2");
    expect([plain.source, plain.substitutions]).toEqual([undefined, undefined]);
  });

  it("reports errors in a text by path, line and column, and writes nothing", async () => {
    const yaml =
      "StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: 1\n    Next: Gone\n  Gone:\n    Type: Succeeds\n";
    const refused = async (definition: string | JsonObject, substitutions: JsonObject = {}) => {
      const answer = await put("refused", { definition, substitutions });
      expect([answer.status, answer.body]).toMatchObject([422, { code: "invalid_definition" }]);
      return answer.body as unknown as { errors: JsonObject[]; unfilled?: string[]; detail: string };
    };
    const { errors, detail } = await refused(yaml);
    expect(errors).toMatchObject([{ path: "States.Gone.Type", line: 8, column: 11 }]);
    expect(detail).toMatch(/^States\.Gone\.Type, line 8: /);
    const json = '{"StartAt": "A",\n "States": }';
    expect((await refused(json)).errors).toMatchObject([{ line: 2, column: 12 }]);

    const open = await refused(yaml.replaceAll("Gone", "${Target}").replace("1", "${Other}"), { Other: 1 });
    expect(open.unfilled).toEqual(["Target"]);
    expect(open.errors).toMatchObject([{ path: "States.A.Next", line: 6, column: 11 }]);
    const object = await refused({ ...tasks("one"), Comment: "${Missing}" });
    expect(object).toMatchObject({ unfilled: ["Missing"], errors: [{ path: "Comment" }] });
    expect(object.errors[0]).not.toHaveProperty("line");

    const invalid = await put("refused", { definition: yaml, substitutions: { Object: { a: 1 } } });
    expect([invalid.status, invalid.body]).toMatchObject([
      422,
      { code: "invalid_request", errors: [{ path: "substitutions.Object" }] },
    ]);
    expect((await stack.admin.call("GET", "/flows/refused")).status).toBe(404);
  });

  it("activation makes a draft live, or an older version again", async () => {
    await put("live", { definition: tasks("one") });
    const draft = await put("live", { definition: tasks("one", "two"), activate: false });
    expect(draft.body).toMatchObject({ version: 2, flow: { version: 1, rev: 1 } });
    expect((await versions("live")).map((each) => [each.version, each.active])).toEqual([
      [2, false],
      [1, true],
    ]);
    expect(await ranOn("live")).toBe(1);
    const activated = await stack.admin.call("POST", "/flows/live/versions/2/activate", undefined, {
      "if-match": '"1"',
    });
    expect([activated.status, activated.body["version"], activated.headers.get("etag")]).toEqual([
      200,
      2,
      '"2"',
    ]);
    expect(await ranOn("live")).toBe(2);
    const stale = await stack.admin.call(
      "POST",
      "/flows/live/versions/1/activate",
      {},
      { "if-match": '"1"' },
    );
    expect(stale.body).toMatchObject({ code: "state_changed", currentStatus: "active", rev: 2 });
    await stack.admin.expect([200], "POST", "/flows/live/versions/1/activate");
    expect(await ranOn("live")).toBe(1);
    const audit = await stack.operator.expect<{ items: JsonObject[] }>([200], "GET", "/flows/live/audit");
    expect(audit.items.map(({ action, from, to, rev }) => [rev, action, from, to])).toEqual([
      [3, "activate", "version 2", "version 1"],
      [2, "activate", "version 1", "version 2"],
      [1, "publish", "draft", "version 1"],
    ]);
    expect(audit.items[0]).toMatchObject({ actor: { kind: "user", id: "admin" } });
  });

  it("a flow that has only drafts rejects records", async () => {
    const draft = await put("drafts", { definition: tasks("one"), activate: false });
    expect([draft.status, draft.body.flow.version]).toEqual([201, 0]);
    const refused = await stack.operator.call("POST", "/flows/drafts/runs", { payload: 1 });
    expect([refused.status, refused.body["code"]]).toEqual([409, "action_not_allowed"]);
    expect((await put("drafts", { definition: tasks("one") })).body.flow.version).toBe(1);
  });

  it("a version shows its definition as written and as compiled", async () => {
    const definition = chain({ "Step ä": task("one") }, { Comment: "kept" });
    await put("texts", { definition });
    const version = await stack.operator.call("GET", "/flows/texts/versions/1");
    expect(version.body).toMatchObject({ version: 1, active: true, createdBy: "admin", definition });
    expect(JSON.stringify(version.body["compiled"])).toContain("Step ä");
    for (const missing of ["2", "0", "01", "x"]) {
      expect((await stack.operator.call("GET", `/flows/texts/versions/${missing}`)).status).toBe(404);
    }
  });

  it("ten concurrent publishers get ten versions, and the last one is live", {
    timeout: 120_000,
  }, async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        put("rivals", { definition: { ...tasks("one"), Comment: `${n}` } }),
      ),
    );
    const numbers = answers.map(({ body }) => body.version).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const listed = await versions("rivals");
    expect(listed.map((each) => each.version)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(listed.filter((each) => each.active).map((each) => each.version)).toEqual([10]);
    for (const { body } of answers) {
      const { definition } = (
        await stack.admin.call<FlowVersion>("GET", `/flows/rivals/versions/${body.version}`)
      ).body;
      const comment = definition?.["Comment"];
      expect(answers[Number(comment)]?.body.version).toBe(body.version);
    }
    expect(await ranOn("rivals")).toBe(10);
  });

  it("of concurrent publishers of one definition, one creates the flow", async () => {
    const definition = tasks("one");
    const answers = await Promise.all(Array.from({ length: 6 }, () => put("chorus", { definition })));
    expect(answers.map(({ body }) => body.version)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
  });

  it("HEAD is answered like GET, without a body", async () => {
    const answer = await stack.admin.call("HEAD", "/flows");
    expect([answer.status, answer.body]).toEqual([200, {}]);
  });

  it.each(["PutItem", "UpdateItem", "TransactWriteItems"])(
    "a publication that fails at any %s is completed by the next",
    async (operation) => {
      const flowId = `fault-${operation.toLowerCase()}`;
      for (let fault = 1; fault <= 3; fault += 1) {
        const definition = { ...tasks("one"), Comment: String(fault) };
        await stack.admin.expect([200], "POST", "/local/faults", {
          ...{ service: "dynamodb", operation, when: fault === 2 ? "after" : "before", times: fault },
        });
        const published = { definition: JSON.stringify({ ...definition, Comment: "${Fault}" }) };
        await put(flowId, { ...published, substitutions: { Fault: fault } });
        await stack.admin.expect([200, 204], "DELETE", "/local/faults");
        const answer = await put(flowId, { ...published, substitutions: { Fault: fault } });
        expect(answer.body.flow.version).toBe(answer.body.version);
        const shown = await stack.admin.call("GET", `/flows/${flowId}/versions/${answer.body.version}`);
        expect(shown.body["definition"]).toEqual(definition);
        expect(shown.body["source"]).toBe(published.definition);
        expect(await ranOn(flowId)).toBe(answer.body.version);
      }
    },
  );

  it("are listed newest first, page by page", async () => {
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await stack.admin.expect<{ items: Flow[]; nextCursor?: string }>(
        ...([[200], "GET", `/flows?limit=1${cursor}`] as const satisfies [number[], string, string]),
      );
      seen.push(...page.items.map((flow) => flow.flowId));
      cursor = page.nextCursor === undefined ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    const whole = await stack.admin.expect<{ items: Flow[] }>([200], "GET", "/flows");
    expect(seen).toEqual(whole.items.map((flow) => flow.flowId));
    expect(seen.indexOf("same")).toBeGreaterThan(seen.indexOf("live"));
  });

  it("a flow with open runs cannot be deleted; without them it can, and its name can be used again", async () => {
    const definition = chain({ Wait: { Type: "Wait", Seconds: 86_400 }, one: task("one") });
    await put("short-lived", { definition });
    const waiting = await stack.operator.dispatch("short-lived", {});
    await stack.operator.untilStatus(waiting.runId, "waiting");
    await put("short-lived", { definition: tasks("broken") });
    const failed = await stack.operator.dispatch("short-lived", {});
    await stack.operator.untilStatus(failed.runId, "failed");

    const refused = await stack.admin.call("DELETE", "/flows/short-lived");
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: "flow_has_open_runs", counts: { waiting: 1, failed: 1 } });
    expect((await stack.operator.call("GET", "/flows/short-lived")).status).toBe(200);

    await stack.operator.act(waiting.runId, "cancel");
    expect((await stack.admin.call("DELETE", `/runs/${failed.runId}`)).status).toBe(204);
    expect((await stack.admin.call("DELETE", "/flows/short-lived")).status).toBe(204);
    expect((await stack.admin.call("DELETE", "/flows/short-lived")).status).toBe(404);
    expect((await stack.operator.call("GET", "/flows/short-lived")).status).toBe(404);
    expect((await stack.operator.call("POST", "/flows/short-lived/runs", { payload: 1 })).status).toBe(404);
    const left = (await allItems(stack.url)).filter(
      (item) => String(item["PK"]).includes("F#short-lived") || item["SK"] === "FLOW#short-lived",
    );
    expect(left).toEqual([]);
    // Its runs that have ended stay readable, but cannot be replayed.
    expect((await stack.operator.run(waiting.runId)).status).toBe("cancelled");
    const replay = await stack.operator.call("POST", `/runs/${waiting.runId}/replay`);
    expect([replay.status, replay.body["code"]]).toEqual([422, "replay_not_possible"]);

    const reborn = await put("short-lived", { definition: tasks("one") });
    expect([reborn.status, reborn.body.version, reborn.body.flow.rev]).toEqual([201, 1, 1]);
    expect(await ranOn("short-lived")).toBe(1);
  });
});
