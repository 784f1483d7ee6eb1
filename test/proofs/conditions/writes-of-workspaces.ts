import type { Member } from "../../../shared/model/schemas/member.ts";
import { keys } from "../../../shared/store/keys.ts";
import { MemberStore } from "../../../shared/store/workspace/members.ts";
import { type ViewItem, ViewStore } from "../../../shared/store/workspace/views.ts";
import { WorkspaceStore } from "../../../shared/store/workspace/workspaces.ts";
import { type ConditionalWrite, changing, deleting } from "./conditional-write.ts";

const AT = "2026-03-01T12:00:00.000Z";
const member = (userId: string, role: Member["role"]): Member => ({
  ...{ userId, role, permissions: ["pay"], createdAt: AT, updatedAt: AT },
});
const workspaceOf = (nth: number) => ({ workspace: `w-${nth}`, name: "w", createdAt: AT, updatedAt: AT });

/** A change of Ben from one state to another, in a workspace whose administrator is Ann. */
const ofMember =
  (was: Member | undefined, next: Member | undefined, more: readonly Member[] = []): ConditionalWrite =>
  async (table, nth) => {
    const { workspace } = workspaceOf(nth);
    const admins = [member("ann", "admin"), ...more, ...(was === undefined ? [] : [was])];
    await new WorkspaceStore(table).create(workspaceOf(nth), admins);
    const key = keys.member(workspace, "ben");
    const rivals = {
      ...(was === undefined
        ? { "the same member": () => table.put({ ...key, ...member("ben", "viewer") }) }
        : {
            "another role": changing(table, key, { role: "zzz" }),
            "other permissions": changing(table, key, { permissions: ["ship"] }),
            "another name": changing(table, key, { name: "Benjamin" }),
            "another address": changing(table, key, { email: "ben@example.com" }),
            "its removal": deleting(table, key),
          }),
      ...(was?.role === "admin" && next?.role !== "admin"
        ? {
            "the removal of the other administrator": changing(table, keys.workspace(workspace), {
              adminCount: 1,
            }),
          }
        : {}),
      ...(was?.role !== "admin" && next?.role === "admin"
        ? { "a workspace that is gone": deleting(table, keys.workspace(workspace)) }
        : {}),
    };
    return { write: () => new MemberStore(table).change(workspace, "ben", was, next), items: [key], rivals };
  };

const view = (fields: Partial<ViewItem> = {}): ViewItem => ({
  ...{ viewId: "mine", name: "Mine", filter: {}, shared: false, owner: "ann", createdAt: AT, updatedAt: AT },
  ...fields,
});

const ofView =
  (
    stored: ViewItem | undefined,
    write: (views: ViewStore, workspace: string) => Promise<unknown>,
    written: ViewItem = view(),
  ): ConditionalWrite =>
  async (table, nth) => {
    const { workspace } = workspaceOf(nth);
    const views = new ViewStore(table);
    const keyOf = ({ shared, owner, viewId }: ViewItem) =>
      shared ? keys.sharedView(workspace, viewId) : keys.privateView(workspace, owner, viewId);
    const ids = keys.viewIds(workspace, "ann");
    if (stored === undefined) await views.create(workspace, view({ viewId: "other" }), 3);
    else await views.create(workspace, stored, 3);
    const rivals = {
      ...(stored === undefined
        ? {
            "as many views as allowed": changing(table, ids, { ids: new Set(["a", "b", "c"]) }),
            "the id, taken by the other kind of view": changing(table, ids, { ids: new Set(["mine"]) }),
          }
        : {
            "its removal": deleting(table, keyOf(stored)),
            "another owner": changing(table, keyOf(stored), { owner: "zoe" }),
            "another owner, earlier in the alphabet": changing(table, keyOf(stored), { owner: "al" }),
          }),
      ...(stored === undefined || stored.shared !== written.shared
        ? { "a view under this id": () => table.put({ ...keyOf(written), ...written, name: "Theirs" }) }
        : {}),
    };
    return { write: () => write(views, workspace), items: [keyOf(written), ids], rivals };
  };

export const WORKSPACE_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a workspace's creation": async (table, nth) => {
    const record = workspaceOf(nth);
    const key = keys.workspace(record.workspace);
    const ann = keys.member(record.workspace, "ann");
    return {
      write: () => new WorkspaceStore(table).create(record, [member("ann", "admin")]),
      items: [key, ann],
      rivals: {
        "the same workspace": () => table.put({ ...key, name: "theirs" }),
        "its member": () => table.put({ ...ann, role: "viewer" }),
      },
    };
  },
  "a workspace's name": async (table, nth) => {
    const record = workspaceOf(nth);
    const workspaces = new WorkspaceStore(table);
    await workspaces.create(record, []);
    const key = keys.workspace(record.workspace);
    const rivals = { "its deletion": deleting(table, key) };
    return { write: () => workspaces.touch(record.workspace, "new", AT), items: [key], rivals };
  },
  "a new member": ofMember(undefined, member("ben", "operator")),
  "a new administrator": ofMember(undefined, member("ben", "admin")),
  "another role": ofMember(member("ben", "viewer"), member("ben", "operator")),
  "a promotion": ofMember(member("ben", "viewer"), member("ben", "admin")),
  "a demotion": ofMember(member("ben", "admin"), member("ben", "viewer")),
  "a member's removal": ofMember(member("ben", "viewer"), undefined),
  "an administrator's removal": ofMember(member("ben", "admin"), undefined),
  "the count of administrators": async (table, nth) => {
    const { workspace } = workspaceOf(nth);
    const both = [member("ann", "admin"), member("ben", "admin")];
    await new WorkspaceStore(table).create(workspaceOf(nth), both);
    const key = keys.workspace(workspace);
    await changing(table, key, { adminCount: undefined })();
    return {
      // Without a count nobody is removed: it is made up for first.
      write: () =>
        new MemberStore(table).change(workspace, "ben", member("ben", "admin"), undefined).then(() => false),
      items: [key],
      rivals: {
        "the workspace's deletion": deleting(table, key),
        // It comes after the administrators have been read.
        "another count": async () => table.arm(2, changing(table, key, { adminCount: 5 })),
      },
      misled: async () => (await table.get(key))?.["adminCount"] === both.length,
    };
  },
  "a view's creation": ofView(undefined, (views, workspace) => views.create(workspace, view(), 3)),
  "a view's change": ofView(view(), (views, workspace) =>
    views.replace(workspace, view(), view({ name: "New" })),
  ),
  "a view that is shared from now on": ofView(
    view(),
    (views, workspace) => views.replace(workspace, view(), view({ shared: true })),
    view({ shared: true }),
  ),
  "a view's removal": ofView(view(), (views, workspace) => views.remove(workspace, view())),
};
