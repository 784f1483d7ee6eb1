import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client, clientFor, tokenFor } from "../../harness/clients/client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Member {
  readonly userId: string;
  readonly role: string;
  readonly permissions: string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}
interface Page {
  readonly items: Member[];
  readonly nextCursor?: string;
}
/** Rounds of two administrators who demote each other at the same moment. */
const ROUNDS = Number(process.env["ROUNDS"] ?? 10);

describe("members", () => {
  let stack: TestStack;
  let platform: Client;
  let dynamodb: DynamoDBClient;
  beforeAll(async () => {
    stack = await testStack("work");
    platform = await stack.as("platform");
    dynamodb = new DynamoDBClient({
      endpoint: `${stack.url}/aws/dynamodb`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
  });
  afterAll(async () => {
    dynamodb.destroy();
    await stack.close();
  });

  const workspaceItem = (workspace: string) => ({
    TableName: "sluice",
    Key: { PK: { S: `W#${workspace}` }, SK: { S: "WORKSPACE" } },
  });
  const adminCount = async (workspace: string): Promise<number> => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ ...workspaceItem(workspace), ConsistentRead: true }),
    );
    return Number(Item?.["adminCount"]?.N);
  };
  /** A workspace with these administrators, seen by each of them. */
  const workspaceOf = async (workspace: string, ...admins: string[]): Promise<Client[]> => {
    await platform.expect([200, 201], "PUT", `/v1/workspaces/${workspace}`, { admins });
    return Promise.all(admins.map((user) => clientFor(stack.url, user, workspace)));
  };
  const admins = async (client: Client): Promise<string[]> => {
    const { items } = await client.expect<Page>([200], "GET", "/members?limit=200");
    return items.filter(({ role }) => role === "admin").map(({ userId }) => userId);
  };

  it("are added, changed and removed", async () => {
    const { admin } = stack;
    const path = `/members/${encodeURIComponent("auth0|Ann.Müller@example.com/1")}`;
    expect((await admin.call("GET", path)).status).toBe(404);
    const added = await admin.call<Member>("PUT", path, {
      role: "viewer",
      permissions: ["refund customers", "b"],
    });
    expect(added.status).toBe(201);
    expect(added.body).toEqual({
      userId: "auth0|Ann.Müller@example.com/1",
      role: "viewer",
      permissions: ["refund customers", "b"],
      createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      updatedAt: added.body.createdAt,
    });
    await admin.advance("PT1S");
    const again = await admin.call<Member>("PUT", path, { role: "viewer" });
    expect([again.status, again.body]).toEqual([200, added.body]);
    const changed = await admin.call<Member>("PUT", path, { role: "operator" });
    expect(changed.body).toMatchObject({ role: "operator", permissions: ["refund customers", "b"] });
    expect(changed.body.updatedAt > changed.body.createdAt).toBe(true);
    const emptied = await admin.call<Member>("PUT", path, { role: "operator", permissions: [] });
    expect([emptied.status, emptied.body.permissions, emptied.body.createdAt]).toEqual([
      200,
      [],
      added.body.createdAt,
    ]);
    expect((await admin.call("GET", path)).body).toEqual(emptied.body);
    const gone = await admin.call("DELETE", path);
    expect([gone.status, gone.body]).toEqual([204, {}]);
    expect([(await admin.call("DELETE", path)).status, (await admin.call("GET", path)).status]).toEqual([
      404, 404,
    ]);
  });

  it("have a new role from the next call on", async () => {
    const eve = await stack.as("eve");
    expect((await eve.call("GET", "/runs")).status).toBe(404);
    await stack.admin.expect([201], "PUT", "/members/eve", { role: "viewer" });
    expect([(await eve.call("GET", "/runs")).status, (await eve.call("PUT", "/flows/x", {})).status]).toEqual(
      [200, 403],
    );
    await stack.admin.expect([204], "DELETE", "/members/eve");
    expect((await eve.call("GET", "/runs")).status).toBe(404);
  });

  it.each<[string, string, unknown, string]>([
    ["no role", "/members/x", {}, "role"],
    ["an unknown role", "/members/x", { role: "owner" }, "role"],
    ["an unknown field", "/members/x", { role: "viewer", groups: [] }, "groups"],
    ["a permission twice", "/members/x", { role: "viewer", permissions: ["a", "b", "a"] }, "permissions"],
    ["an empty permission", "/members/x", { role: "viewer", permissions: [""] }, "permissions[0]"],
    [
      "a permission with a space at its end",
      "/members/x",
      { role: "viewer", permissions: ["a "] },
      "permissions[0]",
    ],
    [
      "a permission that is not a string",
      "/members/x",
      { role: "viewer", permissions: [1] },
      "permissions[0]",
    ],
    ["a long permission", "/members/x", { role: "viewer", permissions: ["x".repeat(65)] }, "permissions[0]"],
    [
      "too many permissions",
      "/members/x",
      { role: "viewer", permissions: Array.from({ length: 101 }, (_, index) => `p${index}`) },
      "permissions",
    ],
    ["an id with a space", "/members/a%20b", { role: "viewer" }, "userId"],
    ["an id with what cannot be seen", "/members/a%E2%80%8Bb", { role: "viewer" }, "userId"],
    ["a long id", `/members/${"x".repeat(256)}`, { role: "viewer" }, "userId"],
    ["a workspace's administrator of no name", "/v1/workspaces/demo", { admins: [" "] }, "admins[0]"],
  ])("%s is refused", async (_what, path, body, field) => {
    const client = path.startsWith("/v1") ? platform : stack.admin;
    const answer = await client.call<{ code: string; errors: { path: string }[] }>("PUT", path, body);
    expect([answer.status, answer.body.code, answer.body.errors[0]?.path]).toEqual([
      422,
      "invalid_request",
      field,
    ]);
  });

  it("are listed newest first, page by page, while others are added and removed", async () => {
    const [boss] = await workspaceOf("listed", "boss");
    if (boss === undefined) throw new Error("No boss");
    for (const userId of ["a", "b", "c", "d"]) {
      await stack.admin.advance("PT1S");
      await boss.expect([201], "PUT", `/members/${userId}`, { role: "member" });
    }
    const first = await boss.expect<Page>([200], "GET", "/members?limit=2");
    expect(first.items.map(({ userId }) => userId)).toEqual(["d", "c"]);
    expect(Object.keys(first.items[0] ?? {}).sort()).toEqual([
      "createdAt",
      "permissions",
      "role",
      "updatedAt",
      "userId",
    ]);
    await boss.expect([204], "DELETE", "/members/c");
    await boss.expect([201], "PUT", "/members/e", { role: "member" });
    const second = await boss.expect<Page>([200], "GET", `/members?limit=2&cursor=${first.nextCursor}`);
    expect(second.items.map(({ userId }) => userId)).toEqual(["b", "a"]);
    const third = await boss.expect<Page>([200], "GET", `/members?cursor=${second.nextCursor}`);
    expect([third.items.map(({ userId }) => userId), third.nextCursor]).toEqual([["boss"], undefined]);
    const elsewhere = await stack.admin.call("GET", `/members?cursor=${first.nextCursor}`);
    expect(elsewhere.status).toBe(422);
  });

  it("with the role member see their own entry only; machine clients see none", async () => {
    const member = await stack.as("member");
    expect((await member.call("GET", "/members/member")).body["role"]).toBe("member");
    const other = await member.call("GET", "/members/viewer");
    const none = await member.call("GET", "/members/nobody");
    expect([other.status, other.body["detail"]]).toEqual([404, "There is no member viewer"]);
    expect([none.status, none.body["detail"]]).toEqual([404, "There is no member nobody"]);
    expect((await member.expect<Page>([200], "GET", "/members")).items.map(({ userId }) => userId)).toEqual([
      "member",
    ]);
    const scopes = [
      "runs:dispatch",
      "runs:read",
      "runs:control",
      "flows:read",
      "flows:control",
      "flows:publish",
    ];
    const machine = new Client(stack.url, await tokenFor(stack.url, { client: "member", scopes }));
    for (const path of ["/members", "/members/member"])
      expect((await machine.call("GET", path)).status).toBe(403);
  });

  it("keep an administrator: the last one can neither be demoted nor removed", async () => {
    const [boss] = await workspaceOf("lonely", "boss");
    if (boss === undefined) throw new Error("No boss");
    await boss.expect([201], "PUT", "/members/other", { role: "operator" });
    for (const attempt of [
      () => boss.call("DELETE", "/members/boss"),
      () => boss.call("PUT", "/members/boss", { role: "operator" }),
    ]) {
      const { status, body } = await attempt();
      expect([status, body["code"], body["detail"]]).toEqual([
        409,
        "action_not_allowed",
        "boss is the last administrator of lonely. Make somebody else an administrator first.",
      ]);
    }
    // Their permissions may change, but they stay administrators.
    await boss.expect([200], "PUT", "/members/boss", { role: "admin", permissions: ["a"] });
    expect(await adminCount("lonely")).toBe(1);
    await boss.expect([200], "PUT", "/members/other", { role: "admin" });
    await boss.expect([200], "PUT", "/members/boss", { role: "operator" });
    expect((await boss.call("PUT", "/members/other", { role: "viewer" })).status).toBe(403);
    expect(await adminCount("lonely")).toBe(1);
  });

  it("keep an administrator when two demote, or remove, each other at the same moment", async () => {
    const [castor, pollux] = await workspaceOf("duel", "castor", "pollux");
    if (castor === undefined || pollux === undefined) throw new Error("No rivals");
    const watcher = await clientFor(stack.url, "watcher", "duel");
    await castor.expect([201], "PUT", "/members/watcher", { role: "viewer" });
    const demoted = { role: "operator" };
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all([
        round % 2 === 0
          ? castor.call("PUT", "/members/pollux", demoted)
          : castor.call("DELETE", "/members/pollux"),
        pollux.call("PUT", "/members/castor", demoted),
        pollux.call("PUT", "/members/pollux", { role: "viewer" }),
        castor.call("DELETE", "/members/castor"),
      ]);
      for (const { status } of answers) expect([200, 201, 204, 403, 404, 409]).toContain(status);
      expect([await adminCount("duel"), (await admins(watcher)).length], `round ${round}`).toEqual([1, 1]);
      await workspaceOf("duel", "castor", "pollux");
      expect(await adminCount("duel")).toBe(2);
    }
  });

  it("are counted correctly when many become administrators concurrently, even through the platform", async () => {
    const [boss] = await workspaceOf("many", "boss");
    if (boss === undefined) throw new Error("No boss");
    const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    const answers = await Promise.all([
      ...users.map((userId) => boss.call("PUT", `/members/${userId}`, { role: "admin" })),
      platform.call("PUT", "/v1/workspaces/many", { admins: [...users.slice(0, 4), "boss"] }),
      platform.call("PUT", "/v1/workspaces/many", { admins: users.slice(2, 6), name: "Many" }),
    ]);
    for (const { status } of answers) expect([200, 201]).toContain(status);
    expect([await adminCount("many"), (await admins(boss)).length]).toEqual([13, 13]);
    await boss.expect([200], "PUT", "/members/user-0", { role: "viewer", permissions: ["p"] });
    await workspaceOf("many", "user-0");
    expect((await boss.call("GET", "/members/user-0")).body).toMatchObject({
      role: "admin",
      permissions: ["p"],
    });
    expect(await adminCount("many")).toBe(13);
  });

  it.each(["before", "after"])(
    "are counted correctly when a write fails or its response is lost: %s",
    async (when) => {
      const [boss] = await workspaceOf(`faulty-${when}`, "boss");
      if (boss === undefined) throw new Error("No boss");
      const attempts: [string, string, unknown][] = [
        ["PUT", "/members/second", { role: "admin" }],
        ["PUT", "/members/second", { role: "viewer" }],
        ["PUT", "/members/second", { role: "admin" }],
        ["DELETE", "/members/second", undefined],
      ];
      for (const [method, path, body] of attempts) {
        for (const error of [undefined, "ConnectionReset"]) {
          const fault = { service: "dynamodb", operation: "TransactWriteItems", when, times: 1, error };
          await boss.expect([200], "POST", "/local/faults", fault);
          const first = await boss.call(method, path, body);
          expect([200, 201, 204, 404, 500, 503], JSON.stringify(first.body)).toContain(first.status);
          await boss.call("DELETE", "/local/faults");
          expect(await adminCount(`faulty-${when}`)).toBe((await admins(boss)).length);
        }
        // A repeated request returns the requested state.
        expect([200, 201, 204, 404]).toContain((await boss.call(method, path, body)).status);
        const second = await boss.call("GET", "/members/second");
        expect(second.body["role"]).toBe((body as { role: string } | undefined)?.role);
      }
      expect(await adminCount(`faulty-${when}`)).toBe(1);
    },
  );

  it("are counted at the first change in a workspace that is older than the count", async () => {
    const [boss] = await workspaceOf("older", "boss", "second");
    if (boss === undefined) throw new Error("No boss");
    await dynamodb.send(
      new UpdateItemCommand({ ...workspaceItem("older"), UpdateExpression: "REMOVE adminCount" }),
    );
    expect((await boss.call("DELETE", "/members/second")).status).toBe(204);
    expect(await adminCount("older")).toBe(1);
    expect((await boss.call("DELETE", "/members/boss")).status).toBe(409);
  });
});
