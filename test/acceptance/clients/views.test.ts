import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { View } from "../../../shared/model/schemas/view.ts";
import { Client, clientFor, tokenFor } from "../../harness/clients/client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Page {
  readonly items: View[];
  readonly nextCursor?: string;
}
const FILTER = { status: ["failed", "paused"], flowId: "orders", error: "Declined", include: ["waiting"] };

describe("saved views", () => {
  let stack: TestStack;
  let viewer: Client;
  let member: Client;
  beforeAll(async () => {
    stack = await testStack();
    [viewer, member] = [await stack.as("viewer"), await stack.as("member")];
  });
  afterAll(() => stack.close());

  const save = (client: Client, viewId: string, more: object = {}) =>
    client.call<View>("PUT", `/views/${viewId}`, { name: viewId, filter: {}, ...more });
  const status = async (client: Client, method: string, viewId: string, body?: object) =>
    (await client.call(method, `/views/${viewId}`, body)).status;
  const listed = async (client: Client): Promise<string[]> => {
    const ids: string[] = [];
    for (let cursor = ""; ; ) {
      const page = await client.expect<Page>([200], "GET", `/views?limit=1${cursor}`);
      ids.push(
        ...page.items.map(({ viewId, owner, mine }) => `${viewId} of ${owner}${mine ? ", mine" : ""}`),
      );
      if (page.nextCursor === undefined) return ids;
      cursor = `&cursor=${page.nextCursor}`;
    }
  };

  it("are visible to their owner only if private", async () => {
    const made = await save(viewer, "declined", { name: "Declined cards", filter: FILTER });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      viewId: "declined",
      name: "Declined cards",
      filter: FILTER,
      shared: false,
      owner: "viewer",
      mine: true,
    });
    expect((await viewer.call<View>("GET", "/views/declined")).body).toEqual(made.body);
    for (const other of [member, stack.operator, stack.admin]) {
      expect(await status(other, "GET", "declined")).toBe(404);
      expect(await status(other, "DELETE", "declined")).toBe(404);
      expect(await listed(other)).toEqual([]);
    }
    // Others can use the id too, and neither view affects the other.
    expect((await save(member, "declined")).status).toBe(201);
    expect(await listed(viewer)).toEqual(["declined of viewer, mine"]);
    expect((await save(viewer, "declined", { name: "Again" })).status).toBe(200);
    expect((await member.call<View>("GET", "/views/declined")).body.name).toBe("declined");
    expect(await status(member, "DELETE", "declined")).toBe(204);
    expect((await viewer.call<View>("GET", "/views/declined")).body.name).toBe("Again");
  });

  it("are visible to all if shared, changed by their owner, and deleted by their owner or an administrator", async () => {
    expect((await save(member, "mornings", { shared: true, filter: FILTER })).status).toBe(201);
    for (const other of [viewer, stack.operator, stack.admin]) {
      const { body } = await other.call<View>("GET", "/views/mornings");
      expect(body).toMatchObject({ filter: FILTER, owner: "member", mine: false, shared: true });
      for (const shared of [true, false])
        expect((await save(other, "mornings", { shared })).status).toBe(403);
    }
    expect(await status(viewer, "DELETE", "mornings")).toBe(403);
    expect(await status(stack.operator, "DELETE", "mornings")).toBe(403);
    expect((await viewer.call<View>("GET", "/views/mornings")).body.filter).toEqual(FILTER);
    expect(await status(stack.admin, "DELETE", "mornings")).toBe(204);
    expect(await status(member, "GET", "mornings")).toBe(404);
  });

  it("change from private to shared and back without duplicates", async () => {
    await save(viewer, "mine");
    expect((await save(viewer, "mine", { shared: true })).status).toBe(200);
    expect(await listed(viewer)).toEqual(["declined of viewer, mine", "mine of viewer, mine"]);
    expect(await listed(member)).toEqual(["mine of viewer"]);
    expect((await save(viewer, "mine", { shared: false })).status).toBe(200);
    expect(await listed(member)).toEqual([]);
    // Both at the same time: one of the two remains.
    await Promise.all([save(viewer, "race", { shared: true }), save(viewer, "race", { shared: false })]);
    expect((await listed(viewer)).filter((line) => line.startsWith("race"))).toHaveLength(1);
    expect(await status(viewer, "DELETE", "race")).toBe(204);
    expect(await status(viewer, "GET", "race")).toBe(404);
  });

  it("are listed with another user's of the same id, one's own first", async () => {
    await save(member, "twin");
    await save(viewer, "twin", { shared: true });
    expect(await listed(member)).toEqual(["twin of member, mine", "twin of viewer"]);
    expect((await member.call<View>("GET", "/views/twin")).body.owner).toBe("member");
    expect((await save(member, "twin", { name: "Still private" })).status).toBe(200);
    expect((await save(member, "twin", { shared: true })).status).toBe(403);
    expect(await status(member, "DELETE", "twin")).toBe(204);
    expect((await member.call<View>("GET", "/views/twin")).body.owner).toBe("viewer");
  });

  it("are separate for users whose ids contain each other", async () => {
    await stack.admin.expect([200, 201], "PUT", "/members/a", { role: "viewer", permissions: [] });
    await stack.admin.expect([200, 201], "PUT", "/members/a%23b", { role: "viewer", permissions: [] });
    const [a, ab] = [await stack.as("a"), await stack.as("a#b")];
    await save(ab, "c");
    expect((await listed(a)).filter((line) => line.startsWith("c "))).toEqual([]);
    expect((await listed(ab)).filter((line) => line.startsWith("c "))).toEqual(["c of a#b, mine"]);
  });

  it("are limited to 100 per user, including shared ones", async () => {
    const operator = stack.operator;
    for (let i = 0; i < 100; i += 1) {
      expect((await save(operator, `v-${i}`, { shared: i % 10 === 0 })).status).toBe(201);
    }
    const refused = await save(operator, "one-more");
    expect([refused.status, refused.body]).toMatchObject([422, { code: "invalid_request" }]);
    expect((await save(operator, "v-7", { shared: true })).status).toBe(200);
    expect(await status(stack.admin, "DELETE", "v-0")).toBe(204);
    expect((await save(operator, "one-more")).status).toBe(201);
    const page = await operator.expect<Page>([200], "GET", "/views?limit=200");
    expect(page.items.filter((view) => view.mine)).toHaveLength(100);
  });

  it.each([
    [{ filter: {} }, "name"],
    [{ name: "x" }, "filter"],
    [{ name: "", filter: {} }, "name"],
    [{ name: "x", filter: {}, colour: "red" }, "colour"],
    [{ name: "x", filter: { colour: "red" } }, "filter.colour"],
    [{ name: "x", filter: { status: ["gone"] } }, "filter.status[0]"],
    [{ name: "x", filter: { status: [] } }, "filter.status"],
    [{ name: "x", filter: { createdAfter: "now" } }, "filter.createdAfter"],
    [{ name: "x", filter: { include: ["all"] } }, "filter.include[0]"],
    [{ name: "x", filter: {}, shared: "yes" }, "shared"],
  ])("%j is refused with an error at %s", async (body, path) => {
    const answer = await viewer.call("PUT", "/views/bad", body);
    expect([answer.status, answer.body["code"], answer.body["errors"]]).toMatchObject([
      422,
      "invalid_request",
      [{ path }],
    ]);
    expect(await status(viewer, "GET", "bad")).toBe(404);
  });

  it("are for members of the workspace", async () => {
    const scopes = [
      "runs:dispatch",
      "runs:read",
      "runs:control",
      "flows:read",
      "flows:control",
      "flows:publish",
    ];
    const machine = new Client(stack.url, await tokenFor(stack.url, { client: "ci", scopes }));
    const body = { name: "x", filter: {} };
    const calls = [
      ["GET", "/views", undefined],
      ["GET", "/views/twin", undefined],
      ["PUT", "/views/twin", body],
      ["DELETE", "/views/twin", undefined],
    ] as const;
    await stack
      .as("platform")
      .then((platform) => platform.expect([201], "PUT", "/v1/workspaces/second", { admins: ["outsider"] }));
    const outsider = await clientFor(stack.url, "outsider");
    for (const [method, path, sent] of calls) {
      expect((await machine.call(method, path, sent)).status).toBe(403);
      expect((await outsider.call(method, path, sent)).status).toBe(404);
    }
    const second = await clientFor(stack.url, "outsider", "second");
    expect(await status(second, "GET", "twin")).toBe(404);
    const { nextCursor } = await viewer.expect<Page>([200], "GET", "/views?limit=1");
    expect((await second.call("GET", `/views?cursor=${nextCursor}`)).status).toBe(422);
    expect(await status(viewer, "PUT", "Bad_Name", body)).toBe(422);
  });
});
