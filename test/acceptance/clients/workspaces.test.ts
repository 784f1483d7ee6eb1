import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCOPES } from "../../../shared/model/access.ts";
import type { Operation } from "../../../shared/model/api/operation.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { Client, clientFor, tokenFor } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import {
  closedOperations,
  goodBody,
  type Ids,
  parametersOf,
  pathOf,
} from "../../harness/requests/operation-calls.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const inWorkspaces = closedOperations.filter(({ permission }) => permission !== "manage-workspaces");
/** Whether the query is that of a list, which has pages. */
const takesLimit = (query: Operation["query"]): boolean => query?.safeParse({ limit: "1" }).success === true;
/** Operations that create or change something under a name that the caller chooses, in the caller's own workspace. */
const makesItsOwn = ({ id, method, path }: Operation) =>
  (method === "PUT" && path.endsWith("}")) || id === "attachFlow" || id === "registerFlow";
const lists = inWorkspaces.filter(({ method, query }) => method === "GET" && takesLimit(query));

describe("the isolation of workspaces", () => {
  let stack: TestStack;
  let there: Client;
  /** Resources of the workspace `there`. */
  let ids: Ids;
  beforeAll(async () => {
    stack = await testStack("work", "more");
    await stack.admin.publish("ours", tasks("work"));
    const platform = await stack.as("platform");
    for (const [workspace, admin] of [
      ["there", "theirs"],
      ["empty", "emptys"],
    ]) {
      await platform.expect([201], "PUT", `/v1/workspaces/${workspace}`, { admins: [admin] });
    }
    there = await clientFor(stack.url, "theirs", "there");
    const view = { name: "Theirs", filter: { status: ["failed"] }, shared: true };
    await there.expect([201], "PUT", "/views/theirs", view);
    await there.publish("other", tasks("work"));
    await there.publish("secret", tasks("work"));
    await there.publish("secret", tasks("work", "more"));
    const trigger = { schedule: "rate(1 day)", whileHeld: "queue", enabled: false };
    await there.expect([201], "PUT", "/flows/secret/triggers/nightly", trigger);
    await there.expect([201], "PUT", "/members/olga", { role: "viewer" });
    const { runId } = await there.dispatch("secret", {});
    await there.untilStatus(runId, "completed");
    const another = await there.dispatch("secret", {});
    await there.untilStatus(another.runId, "completed");
    const runIds = [runId, another.runId];
    const { bulk } = await new BulkClient(there).run({ action: "cancel", runIds });
    const { incidentId } = await there.api.openIncident({ body: { title: "Down", resources: ["nothing"] } });
    const [step] = await there.steps(runId);
    ids = {
      flowId: "secret",
      version: "1",
      runId,
      stepId: step?.stepId ?? "",
      userId: "olga",
      viewId: "theirs",
      triggerId: "nightly",
      bulkId: bulk.bulkId,
      incidentId,
    };
  });
  afterAll(() => stack.close());

  /** Everything in the workspace, as its administrator sees it, except meters, which change with time. */
  const everything = async (): Promise<unknown> => {
    const reads = inWorkspaces.filter(({ method }) => method === "GET");
    const answers = await Promise.all(reads.map((one) => there.call("GET", pathOf(one, "there", ids))));
    return JSON.parse(JSON.stringify(answers), (key, value: unknown) =>
      key === "meters" ? undefined : value,
    );
  };

  it("keeps everybody else out, by every method, without revealing whether the workspace exists", async () => {
    const before = await everything();
    const outsiders = [
      stack.admin,
      await stack.as("platform"),
      await stack.as("emptys"),
      new Client(stack.url, await tokenFor(stack.url, { client: "machine", scopes: [...SCOPES] })),
    ];
    for (const operation of inWorkspaces) {
      for (const outsider of outsiders) {
        const ask = async (workspace: string) => {
          const path = pathOf(operation, workspace, ids);
          const { status, body } = await outsider.call(operation.method, path, goodBody(operation));
          const { requestId: _each, ...problem } = body;
          return [status, JSON.stringify(problem).replaceAll(workspace, "<workspace>")];
        };
        const [real, none] = [await ask("there"), await ask("nowhere")];
        expect(real[0], operation.id).toBe(404);
        expect(real, operation.id).toEqual(none);
      }
    }
    expect(await everything()).toEqual(before);
  });

  it("is tested with every path parameter", () => {
    const named = new Set(inWorkspaces.flatMap(parametersOf));
    expect([...named].filter((parameter) => ids[parameter] === undefined)).toEqual([]);
  });

  const asked = inWorkspaces.filter((one) => parametersOf(one).length > 0 && !makesItsOwn(one));
  it.each(asked)("rejects an id of another workspace: $id", async (operation) => {
    const path = pathOf(operation, "demo", ids);
    const { status, body } = await stack.admin.call(operation.method, path, goodBody(operation));
    expect([status, body["code"]]).toEqual([404, "not_found"]);
    expect(JSON.stringify(body)).not.toContain("completed");
  });

  it.each(lists)("rejects a cursor of another workspace: $id", async (operation) => {
    const path = pathOf(operation, "there", ids);
    const { nextCursor } = await there.expect<{ nextCursor?: string }>([200], "GET", `${path}?limit=1`);
    if (nextCursor === undefined) return;
    expect((await there.call("GET", `${path}?cursor=${nextCursor}`)).status).toBe(200);
    expect((await stack.admin.call("GET", `${path}?cursor=${nextCursor}`)).status).toBe(404);
    const here = pathOf(operation, "demo", { ...ids, flowId: "ours" });
    const reached = await stack.admin.call("GET", `${here}?cursor=${nextCursor}`);
    // A cursor of another list, or in a resource that does not exist here.
    expect([404, 422]).toContain(reached.status);
    expect(reached.body["items"]).toBeUndefined();
  });

  it("is tested with cursors of the most common lists", async () => {
    const given: string[] = [];
    for (const operation of lists) {
      const { body } = await there.call("GET", `${pathOf(operation, "there", ids)}?limit=1`);
      if (typeof body["nextCursor"] === "string") given.push(operation.id);
    }
    expect(given).toEqual(
      expect.arrayContaining(["listFlows", "listRuns", "listMembers", "listVersions", "listBulkResults"]),
    );
  });
});
