import { describe, expect, test } from "vitest";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import type { Permission } from "../../model/access.ts";
import type { Member } from "../../model/schemas/member.ts";
import { MemberStore } from "../../store/workspace/members.ts";
import { ViewStore } from "../../store/workspace/views.ts";
import { SettingsStore } from "../../store/workspace/workspace-settings.ts";
import { WorkspaceStore } from "../../store/workspace/workspaces.ts";
import type { WorkspaceDependencies } from "../deps.ts";
import { authorize, type Identity, refuseUnlessMayOverride } from "./authorize.ts";
import { deleteMember, listMembers, putMember, readMember } from "./members.ts";
import { putWorkspace } from "./put-workspace.ts";
import { deleteView, listViews, readView, saveView } from "./views.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString();
const user = (id: string, platform = false): Identity => ({ kind: "user", id, platform });
const ALL = { actor: { kind: "user", id: "ann" }, grant: "all" } as const;

let deps: WorkspaceDependencies & { readonly settings: SettingsStore };
let workspace: string;
let minute: number;
let conflicts: number;
eachWithTable(async (table, nth) => {
  workspace = `w-${nth}`;
  minute = 0;
  conflicts = 0;
  deps = {
    clock: { now: () => Date.UTC(2026, 2, 1, 12, minute++) },
    metrics: {
      count: (key) => {
        if (key === "writeConflicts") conflicts += 1;
      },
      measure: () => undefined,
    },
    workspaces: new WorkspaceStore(table),
    members: new MemberStore(table),
    views: new ViewStore(table),
    settings: new SettingsStore(table),
  };
  await putWorkspace(deps, { workspace, admins: ["root", "root"] });
});

/** The dependencies with a store whose method answers this once, before it works again. */
const onceAnswering = <Store extends object>(store: Store, method: keyof Store, answer: unknown): Store => {
  let answered = false;
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name !== method || answered) return member.bind(target);
      return async () => {
        answered = true;
        return answer;
      };
    },
  });
};

describe("a workspace", () => {
  test("has its id as its name and its administrators once, and tells whether it was created", async () => {
    expect(await putWorkspace(deps, { workspace: `${workspace}-b`, admins: ["b", "a", "b"] })).toEqual({
      created: true,
      workspace: {
        ...{ workspace: `${workspace}-b`, name: `${workspace}-b`, admins: ["b", "a"] },
        ...{ createdAt: at(1), updatedAt: at(1) },
      },
    });
    expect((await listMembers(deps, ALL, `${workspace}-b`, { limit: 9 })).items).toEqual(
      ["b", "a"].map((userId) => ({
        ...{ userId, role: "admin", permissions: [], createdAt: at(1), updatedAt: at(1) },
      })),
    );
  });

  test("that exists is renamed and gets more administrators, who keep their permissions", async () => {
    await putMember(deps, { workspace, userId: "ann", role: "viewer", permissions: ["pay"] });
    const again = await putWorkspace(deps, { workspace, name: "Ours", admins: ["ann"] });
    expect(again).toMatchObject({ created: false, workspace: { name: "Ours", createdAt: at(0) } });
    expect(await deps.members.read(workspace, "ann")).toMatchObject({ role: "admin", permissions: ["pay"] });
    expect(await deps.members.read(workspace, "root")).toMatchObject({ role: "admin" });
  });

  test("that somebody else creates at the same moment is found", async () => {
    const workspaces = onceAnswering(deps.workspaces, "touch", undefined);
    expect(await putWorkspace({ ...deps, workspaces }, { workspace, admins: ["root"] })).toMatchObject({
      created: false,
    });
    expect(conflicts).toBe(1);
    const never = { ...deps, workspaces: new Proxy(deps.workspaces, { get: () => async () => undefined }) };
    await expect(putWorkspace(never, { workspace, admins: ["root"] })).rejects.toMatchObject({
      code: "too_many_requests",
      message: "Others are changing this workspace at the same time. Try again shortly.",
    });
  });
});

describe("authorization", () => {
  const client = (scopes: string[], workspaces = [workspace]): Identity => ({
    ...{ kind: "client", id: "ci", scopes, workspaces },
  });
  const asked = (identity: Identity, permission: Permission, where = workspace) =>
    authorize(deps, identity, where, permission);

  test("of a member depends on their role", async () => {
    await putMember(deps, { workspace, userId: "ann", role: "viewer", permissions: ["pay"] });
    const caller = await asked(user("ann"), "read-runs");
    expect(caller).toMatchObject({
      actor: { kind: "user", id: "ann" },
      role: "viewer",
      grant: "all",
      permissions: ["pay"],
    });
    expect([caller.grantOf("read-flows"), caller.grantOf("publish")]).toEqual(["all", undefined]);
    await expect(asked(user("ann"), "publish")).rejects.toMatchObject({
      code: "forbidden",
      message: "The role viewer does not allow this",
    });
    expect(() => refuseUnlessMayOverride(caller)).toThrow("Only an administrator may override");
    expect(refuseUnlessMayOverride(await asked(user("root"), "resume-runs"))).toBeUndefined();
  });

  test.each([
    [user("nobody"), undefined],
    [user("root"), "elsewhere"],
    [user("root", true), "elsewhere"],
  ])("tells %j nothing about a workspace that is not theirs", async (identity, where) => {
    await expect(asked(identity, "read-runs", where ?? workspace)).rejects.toMatchObject({
      code: "not_found",
      message: `There is no workspace ${where ?? workspace} that you belong to`,
    });
  });

  test("to resume is the owners' only if the workspace says so", async () => {
    await putMember(deps, { workspace, userId: "ann", role: "member" });
    await expect(asked(user("ann"), "resume-runs")).rejects.toMatchObject({
      code: "forbidden",
      message: "In this workspace, members may not resume their runs",
    });
    expect(await asked(user("ann"), "read-runs")).toMatchObject({ grant: "own" });
    expect(await asked(user("root"), "resume-runs")).toMatchObject({ grant: "all" });
    await deps.settings.change(workspace, { ownersMayResume: true }, at(9));
    expect(await asked(user("ann"), "resume-runs")).toMatchObject({ grant: "own", role: "member" });
  });

  test("of a client depends on its workspaces and scopes", async () => {
    const caller = await asked(client(["sluice/runs:read"]), "read-runs");
    expect(caller).toMatchObject({ actor: { kind: "client", id: "ci" }, grant: "all", permissions: [] });
    expect(caller.role).toBeUndefined();
    expect([caller.grantOf("read-runs"), caller.grantOf("dispatch")]).toEqual(["all", undefined]);
    expect(() => refuseUnlessMayOverride(caller)).toThrow("Only an administrator may override");
    await expect(asked(client(["runs:read"]), "publish")).rejects.toMatchObject({
      code: "forbidden",
      message: "The token's scopes do not allow this",
    });
    await expect(asked(client(["runs:read"], ["other"]), "read-runs")).rejects.toThrow(
      "There is no workspace",
    );
    await expect(asked(client(["runs:read"], ["gone"]), "read-runs", "gone")).rejects.toThrow(
      "no workspace gone",
    );
  });

  test("to manage workspaces is the platform administrators'", async () => {
    const caller = await asked(user("boss", true), "manage-workspaces", "new");
    expect(caller).toMatchObject({ actor: { kind: "user", id: "boss" }, grant: "all", permissions: [] });
    expect(caller.grantOf("read-runs")).toBeUndefined();
    for (const identity of [user("root"), client(["runs:read"])])
      await expect(asked(identity, "manage-workspaces")).rejects.toMatchObject({
        code: "forbidden",
        message: "Only a platform administrator may do this",
      });
  });
});

describe("members", () => {
  test("have a name and an e-mail address, which stay until they are changed or removed", async () => {
    const ann = { workspace, userId: "auth0|5f7c", role: "viewer" } as const;
    const names = { name: "Ann Lee", email: "ann@example.com" };
    expect((await putMember(deps, { ...ann, ...names })).member).toMatchObject(names);
    expect((await putMember(deps, { ...ann, role: "operator" })).member).toMatchObject(names);
    const { member } = await putMember(deps, { ...ann, email: null });
    expect(member).toEqual({ ...member, name: "Ann Lee" });
    expect(member).not.toHaveProperty("email");
    expect(await readMember(deps, ALL, workspace, ann.userId)).toEqual(member);
    expect((await putMember(deps, { ...ann, role: "admin", name: "Ann" })).member.name).toBe("Ann");
    const plain = await putMember(deps, { ...ann, role: "admin", name: null });
    expect(await deps.members.read(workspace, ann.userId)).toEqual(plain.member);
    expect(plain.member).not.toHaveProperty("name");
  });

  test.each(["name", "email"] as const)(
    "keep a new %s that was written while their role changes",
    async (what) => {
      const ann = { workspace, userId: "ann", role: "viewer" } as const;
      await putMember(deps, { ...ann, name: "Ann", email: "a@example.com" });
      const stale = await deps.members.read(workspace, "ann");
      await putMember(deps, { ...ann, [what]: "new@example.com" });
      const members = onceAnswering(deps.members, "read", stale);
      const { member } = await putMember({ ...deps, members }, { ...ann, role: "operator" });
      expect(member).toMatchObject({ role: "operator", [what]: "new@example.com" });
      expect(conflicts).toBe(1);
    },
  );

  test("are added and changed; a repeated call changes nothing", async () => {
    const added = await putMember(deps, {
      workspace,
      userId: "ann",
      role: "viewer",
      permissions: ["a", "b"],
    });
    const member: Member = {
      ...{ userId: "ann", role: "viewer", permissions: ["a", "b"], createdAt: at(1), updatedAt: at(1) },
    };
    expect(added).toEqual({ created: true, member });
    const same = { workspace, userId: "ann", role: "viewer" } as const;
    expect(await putMember(deps, same)).toEqual({ created: false, member });
    expect(await putMember(deps, { ...same, permissions: ["a", "b"] })).toEqual({ created: false, member });
    expect(await putMember(deps, { ...same, permissions: ["b"] })).toEqual({
      created: false,
      member: { ...member, permissions: ["b"], updatedAt: at(4) },
    });
    expect(await putMember(deps, { ...same, role: "operator" })).toMatchObject({
      member: { role: "operator", permissions: ["b"], createdAt: at(1), updatedAt: at(5) },
    });
    expect((await putMember(deps, { workspace, userId: "ben", role: "viewer" })).member.permissions).toEqual(
      [],
    );
  });

  test("come page by page, newest first; a reader of their own entry gets only that", async () => {
    for (const userId of ["a", "b", "c"]) await putMember(deps, { workspace, userId, role: "viewer" });
    const page = async (limit: number, cursor?: string) => {
      const { items, nextCursor } = await listMembers(deps, ALL, workspace, { limit, cursor });
      return { ids: items.map(({ userId }) => userId), nextCursor };
    };
    expect(await page(9)).toEqual({ ids: ["c", "b", "a", "root"], nextCursor: undefined });
    expect(await page(4)).toEqual({ ids: ["c", "b", "a", "root"], nextCursor: undefined });
    const first = await page(3);
    expect(first.ids).toEqual(["c", "b", "a"]);
    expect(await page(3, first.nextCursor)).toEqual({ ids: ["root"], nextCursor: undefined });
    const own = { actor: { kind: "user", id: "b" }, grant: "own" } as const;
    expect((await listMembers(deps, own, workspace, { limit: 9 })).items.map(({ userId }) => userId)).toEqual(
      ["b"],
    );
    expect(await readMember(deps, own, workspace, "b")).toMatchObject({ userId: "b" });
    expect(await readMember(deps, ALL, workspace, "c")).toMatchObject({ userId: "c" });
    for (const [reader, id] of [
      [own, "c"],
      [ALL, "nobody"],
    ] as const)
      await expect(readMember(deps, reader, workspace, id)).rejects.toMatchObject({
        code: "not_found",
        message: `There is no member ${id}`,
      });
  });

  test("who are the last administrator stay one", async () => {
    const refused = {
      code: "action_not_allowed",
      message: expect.stringContaining("root is the last administrator"),
    };
    await expect(deleteMember(deps, { workspace, userId: "root" })).rejects.toMatchObject(refused);
    await expect(putMember(deps, { workspace, userId: "root", role: "viewer" })).rejects.toMatchObject(
      refused,
    );
    await putMember(deps, { workspace, userId: "ann", role: "admin" });
    await deleteMember(deps, { workspace, userId: "root" });
    expect(await deps.members.read(workspace, "root")).toBeUndefined();
  });

  test("are removed once; after a lost response, their absence is the result", async () => {
    await putMember(deps, { workspace, userId: "ann", role: "viewer" });
    const members = new Proxy(deps.members, {
      get(target, name) {
        if (name !== "change") return Reflect.get(target, name, target).bind(target);
        return async (...args: Parameters<MemberStore["change"]>) => {
          await target.change(...args);
          return "conflict";
        };
      },
    });
    await deleteMember({ ...deps, members }, { workspace, userId: "ann" });
    await expect(deleteMember(deps, { workspace, userId: "ann" })).rejects.toThrow("There is no member ann");
    const always = {
      ...deps,
      members: new Proxy(members, {
        get: (target, name) => (name === "change" ? async () => "conflict" : Reflect.get(target, name)),
      }),
    };
    await expect(putMember(always, { workspace, userId: "ben", role: "viewer" })).rejects.toMatchObject({
      code: "too_many_requests",
    });
  });
});

describe("views", () => {
  const save = (userId: string, viewId: string, more: { name?: string; shared?: boolean } = {}) =>
    saveView(deps, { workspace, userId, viewId }, { name: "Mine", filter: {}, shared: false, ...more });
  const read = (userId: string, viewId: string) => readView(deps.views, { workspace, userId, viewId });

  test("are the user's own, before a shared one of the same id", async () => {
    const view = { viewId: "v", name: "Mine", filter: {}, shared: false, owner: "ann", mine: true };
    expect(await save("ann", "v")).toEqual({
      created: true,
      view: { ...view, createdAt: at(1), updatedAt: at(1) },
    });
    await save("ben", "v", { name: "Ours", shared: true });
    expect(await read("ann", "v")).toMatchObject({ name: "Mine", mine: true });
    expect(await read("cy", "v")).toMatchObject({ name: "Ours", mine: false, owner: "ben", shared: true });
    await expect(read("ann", "w")).rejects.toMatchObject({ code: "not_found" });
    expect(await save("ann", "v", { name: "New" })).toEqual({
      created: false,
      view: { ...view, name: "New", createdAt: at(1), updatedAt: at(3) },
    });
  });

  test("that are shared are changed by their owner only, and deleted by administrators too", async () => {
    await save("ben", "v", { shared: true });
    const forbidden = { code: "forbidden", message: "Only the owner of a shared view may change it" };
    await expect(save("ann", "v", { shared: true })).rejects.toMatchObject(forbidden);
    await expect(save("ann", "v")).rejects.toMatchObject(forbidden);
    await expect(deleteView(deps, { workspace, userId: "ann", viewId: "v" }, false)).rejects.toMatchObject(
      forbidden,
    );
    expect(await save("ben", "v", { shared: false })).toMatchObject({ created: false });
    await expect(read("ann", "v")).rejects.toMatchObject({ code: "not_found" });
    await save("ben", "v", { shared: true });
    await deleteView(deps, { workspace, userId: "ann", viewId: "v" }, true);
    await expect(deleteView(deps, { workspace, userId: "ben", viewId: "v" }, true)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("of a user who has a private and sees a shared one of the same id are both changed", async () => {
    await save("ann", "v");
    await save("ben", "v", { shared: true });
    expect(await save("ann", "v", { name: "Again" })).toMatchObject({
      created: false,
      view: { name: "Again" },
    });
    await expect(save("ann", "v", { shared: true })).rejects.toMatchObject({ code: "forbidden" });
    await deleteView(deps, { workspace, userId: "ann", viewId: "v" }, false);
    expect(await read("ann", "v")).toMatchObject({ owner: "ben" });
  });

  test("come page by page, by id, the private one first", async () => {
    for (const viewId of ["c", "a", "b"]) await save("ann", viewId);
    for (const viewId of ["b", "d"]) await save("ben", viewId, { shared: true });
    await save("ben", "e");
    const page = async (limit: number, cursor?: string) => {
      const { items, nextCursor } = await listViews(deps.views, workspace, "ann", { limit, cursor });
      return { ids: items.map(({ viewId, shared }) => (shared ? `${viewId}*` : viewId)), nextCursor };
    };
    expect(await page(9)).toEqual({ ids: ["a", "b", "b*", "c", "d*"], nextCursor: undefined });
    expect(await page(5)).toMatchObject({ nextCursor: undefined });
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { ids, nextCursor } = await page(limit, cursor);
        seen.push(...ids);
        cursor = nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(["a", "b", "b*", "c", "d*"]);
    }
  });

  test("that change again and again are refused, and so is one too many", async () => {
    const views = new Proxy(deps.views, {
      get: (target, name) =>
        name === "create" ? async () => "conflict" : Reflect.get(target, name, target).bind(target),
    });
    const view = { name: "Mine", filter: {}, shared: false };
    await expect(
      saveView({ ...deps, views }, { workspace, userId: "ann", viewId: "v" }, view),
    ).rejects.toMatchObject({
      code: "state_changed",
      message: "The view changed; please refresh",
    });
    const full = onceAnswering(deps.views, "create", "full");
    await expect(
      saveView({ ...deps, views: full }, { workspace, userId: "ann", viewId: "v" }, view),
    ).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("You have 100 views"),
    });
  });
});
