import { expect, test } from "vitest";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import type { Member } from "../../model/schemas/member.ts";
import { DEFAULT_SETTINGS } from "../../model/workspace-settings.ts";
import { keys } from "../keys.ts";
import type { Table } from "../table.ts";
import { MemberStore } from "./members.ts";
import { type ViewItem, ViewStore } from "./views.ts";
import { SettingsStore } from "./workspace-settings.ts";
import { WorkspaceStore } from "./workspaces.ts";

const AT = "2026-03-01T12:00:00.000Z";
const LATER = "2026-03-02T12:00:00.000Z";
const LIMIT = 3;

let table: Table;
let workspace: string;
eachWithTable(async (given, nth) => {
  table = given;
  workspace = `w-${nth}`;
});

const view = (viewId: string, more: Partial<ViewItem> = {}): ViewItem => ({
  ...{ viewId, name: viewId, filter: {}, shared: false, owner: "ann", createdAt: AT, updatedAt: AT },
  ...more,
});
const member = (userId: string, role: Member["role"], permissions: string[] = []): Member => ({
  ...{ userId, role, permissions, createdAt: AT, updatedAt: AT },
});

test("a user finds their own view and the shared one of an id, and nobody else's", async () => {
  const views = new ViewStore(table);
  const own = view("a", { name: "Mine" });
  const shared = view("a", { owner: "ben", shared: true });
  expect(await views.find(workspace, "ann", "a")).toEqual({});
  expect(await views.create(workspace, own, LIMIT)).toBe("written");
  expect(await views.find(workspace, "ann", "a")).toEqual({ own });
  expect(await views.create(workspace, shared, LIMIT)).toBe("written");
  expect(await views.find(workspace, "ann", "a")).toEqual({ own, shared });
  expect(await views.find(workspace, "ben", "a")).toEqual({ shared });
});

test("views come in order of their ids, the private ones of one user apart from all others", async () => {
  const views = new ViewStore(table);
  for (const viewId of ["b", "a-1", "a"]) await views.create(workspace, view(viewId), LIMIT);
  await views.create(workspace, view("c", { owner: "ann#b" }), LIMIT);
  await views.create(workspace, view("d", { owner: "ben", shared: true }), LIMIT);
  const ids = async (owner: string | undefined, limit: number, after?: string, inclusive = false) => {
    const from = after === undefined ? undefined : { viewId: after, inclusive };
    return (await views.page(workspace, owner, limit, from)).map(({ viewId }) => viewId);
  };
  expect(await ids("ann", 10)).toEqual(["a", "a-1", "b"]);
  expect(await ids("ann", 2)).toEqual(["a", "a-1"]);
  expect(await ids("ann", 10, "a")).toEqual(["a-1", "b"]);
  expect(await ids("ann", 10, "a", true)).toEqual(["a", "a-1", "b"]);
  expect(await ids("ann", 10, "b")).toEqual([]);
  expect(await ids("ann#b", 10)).toEqual(["c"]);
  expect(await ids(undefined, 10)).toEqual(["d"]);
});

test("a user has at most one view of an id and a limited number in all", async () => {
  const views = new ViewStore(table);
  for (const viewId of ["a", "b", "c"])
    expect(await views.create(workspace, view(viewId), LIMIT)).toBe("written");
  expect(await views.create(workspace, view("d"), LIMIT)).toBe("full");
  expect(await views.create(workspace, view("a"), LIMIT)).toBe("conflict");
  expect(await views.create(workspace, view("a", { shared: true }), LIMIT)).toBe("conflict");
  expect(await views.remove(workspace, view("b"))).toBe(true);
  expect(await views.remove(workspace, view("b"))).toBe(false);
  expect(await views.create(workspace, view("a", { shared: true }), LIMIT)).toBe("conflict");
  expect(await views.create(workspace, view("d"), LIMIT)).toBe("written");
});

test("a view that is shared is no longer private", async () => {
  const views = new ViewStore(table);
  const own = view("a");
  const shared = view("a", { shared: true, updatedAt: LATER });
  await views.create(workspace, own, LIMIT);
  expect(await views.replace(workspace, own, { ...own, name: "New" })).toBe(true);
  expect(await views.find(workspace, "ann", "a")).toEqual({ own: { ...own, name: "New" } });
  expect(await views.replace(workspace, own, shared)).toBe(true);
  expect(await views.find(workspace, "ann", "a")).toEqual({ shared });
  expect(await views.replace(workspace, own, own)).toBe(false);
  expect(await views.remove(workspace, { ...shared, owner: "ben" })).toBe(false);
});

test("members are listed by id, and a change is made on what was read", async () => {
  const members = new MemberStore(table);
  const record = { workspace, name: "One", createdAt: AT, updatedAt: AT };
  await new WorkspaceStore(table).create(record, [member("cid", "admin"), member("ann", "viewer", ["pay"])]);
  const ann = await members.read(workspace, "ann");
  expect(ann).toEqual(member("ann", "viewer", ["pay"]));
  expect(await members.read(workspace, "ben")).toBeUndefined();
  expect(await members.change(workspace, "ben", undefined, member("ben", "operator"))).toBe("done");
  expect((await members.list(workspace)).map(({ userId }) => userId)).toEqual(["ann", "ben", "cid"]);
  const promoted = { ...member("ann", "admin", ["pay"]), updatedAt: LATER };
  expect(await members.change(workspace, "ann", ann, promoted)).toBe("done");
  expect(await members.read(workspace, "ann")).toEqual(promoted);
  expect(await members.change(workspace, "ann", ann, undefined)).toBe("conflict");
  expect(await members.change(workspace, "ben", member("ben", "operator"), undefined)).toBe("done");
  expect(await members.read(workspace, "ben")).toBeUndefined();
});

test("the last administrator stays, also where an early release did not count them", async () => {
  const members = new MemberStore(table);
  const [ann, ben] = [member("ann", "admin"), member("ben", "admin")];
  const record = { workspace, name: "One", createdAt: AT, updatedAt: AT };
  await new WorkspaceStore(table).create(record, [ann, ben, member("cid", "viewer")]);
  await table.update(keys.workspace(workspace), { remove: ["adminCount"], when: [] });
  expect(await members.change(workspace, "ann", ann, undefined)).toBe("conflict");
  expect(await members.change(workspace, "ann", ann, undefined)).toBe("done");
  expect(await members.change(workspace, "ben", ben, { ...ben, role: "viewer" })).toBe("last_admin");
  expect(await members.change(workspace, "ben", ben, undefined)).toBe("last_admin");
  // Not about administrators: no count is needed.
  expect(await members.change(workspace, "ben", ben, { ...ben, permissions: ["ship"] })).toBe("done");
  expect((await members.list(workspace)).map(({ userId }) => userId)).toEqual(["ben", "cid"]);
});

test("a workspace is created once, listed and renamed", async () => {
  const workspaces = new WorkspaceStore(table);
  const record = { workspace, name: "One", createdAt: AT, updatedAt: AT };
  expect(await workspaces.touch(workspace, "Two", LATER)).toBeUndefined();
  expect(await workspaces.read(workspace)).toBeUndefined();
  expect(await workspaces.create(record, [member("ann", "admin"), member("ben", "viewer")])).toBe(true);
  expect(await workspaces.create({ ...record, name: "Other" }, [])).toBe(false);
  expect(await workspaces.read(workspace)).toMatchObject({ ...record, adminCount: 1 });
  const listed: string[] = [];
  for await (const one of workspaces.list()) listed.push(one);
  expect(listed).toContain(workspace);
  expect(await workspaces.touch(workspace, undefined, LATER)).toMatchObject({
    name: "One",
    updatedAt: LATER,
  });
  expect(await workspaces.touch(workspace, "Two", LATER)).toMatchObject({ name: "Two" });
});

test("settings that were never set have their defaults, and a change leaves the others", async () => {
  const settings = new SettingsStore(table);
  expect(await settings.read(workspace)).toEqual(DEFAULT_SETTINGS);
  expect(await settings.change(workspace, { retentionDays: undefined }, AT)).toEqual(DEFAULT_SETTINGS);
  expect(await table.get(keys.settings(workspace))).toBeUndefined();
  const first = { ...DEFAULT_SETTINGS, retentionDays: 30 };
  expect(await settings.change(workspace, { retentionDays: 30 }, AT)).toEqual(first);
  const both = { ...first, ownersMayResume: !DEFAULT_SETTINGS.ownersMayResume };
  expect(await settings.change(workspace, { ownersMayResume: both.ownersMayResume }, LATER)).toEqual(both);
  expect(await settings.read(workspace)).toEqual(both);
  expect(await table.get(keys.settings(workspace))).toMatchObject({ retentionDays: 30, updatedAt: LATER });
});
