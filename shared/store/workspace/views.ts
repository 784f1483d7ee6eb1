import type { ViewFilter } from "../../model/schemas/run-filter.ts";
import type { Clause } from "../expressions.ts";
import { keys } from "../keys.ts";
import type { Item, Table } from "../table.ts";

export interface ViewItem {
  readonly viewId: string;
  readonly name: string;
  readonly filter: ViewFilter;
  readonly shared: boolean;
  /** The user who saved it. */
  readonly owner: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What one user may find under an id: a view that nobody else sees, and one that everybody does. */
export interface FoundViews {
  readonly own?: ViewItem;
  readonly shared?: ViewItem;
}

const ABSENT = { ConditionExpression: "attribute_not_exists(PK)" };
const ownedBy = (owner: string) => ({
  ConditionExpression: "#owner = :owner",
  ExpressionAttributeNames: { "#owner": "owner" },
  ExpressionAttributeValues: { ":owner": owner },
});

const keyOf = (workspace: string, { shared, owner, viewId }: ViewItem) =>
  shared ? keys.sharedView(workspace, viewId) : keys.privateView(workspace, owner, viewId);
const itemOf = (workspace: string, view: ViewItem) => ({ ...keyOf(workspace, view), ...view });

const viewItemOf = ({ PK: _partition, SK: _sort, ...record }: Item): ViewItem =>
  record as unknown as ViewItem;

/** `!` comes before every character of an id: behind the id itself, before those that go on. */
const BEHIND = "!";
const AFTER_ALL_IDS = "~";

/**
 * Saved views of a workspace. Of one id a user has at most one, private or shared, and so many in all: the set of their ids,
 * changed in the same transactions, decides both.
 */
export class ViewStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async find(workspace: string, userId: string, viewId: string): Promise<FoundViews> {
    const items = await this.#table.getMany([
      keys.privateView(workspace, userId, viewId),
      keys.sharedView(workspace, viewId),
    ]);
    const views = items.map(viewItemOf);
    const own = views.find((view) => !view.shared);
    const shared = views.find((view) => view.shared);
    return { ...(own && { own }), ...(shared && { shared }) };
  }

  /** `full` where the owner has `most` views already, `moved` where the id was taken meanwhile. */
  async create(workspace: string, view: ViewItem, most: number): Promise<"written" | "full" | "moved"> {
    const { owner, viewId } = view;
    const Key = keys.viewIds(workspace, owner);
    const written = await this.#table.tryTransact((TableName) => [
      { Put: { TableName, Item: itemOf(workspace, view), ...ABSENT } },
      {
        Update: {
          TableName,
          Key,
          UpdateExpression: "ADD ids :ids",
          ConditionExpression: "attribute_not_exists(ids) OR (size(ids) < :most AND NOT contains(ids, :id))",
          ExpressionAttributeValues: { ":ids": new Set([viewId]), ":id": viewId, ":most": most },
        },
      },
    ]);
    if (written) return "written";
    const ids = (await this.#table.get(Key))?.["ids"];
    return ids instanceof Set && ids.size >= most && !ids.has(viewId) ? "full" : "moved";
  }

  /** The owner's view as read becomes `next`, in the same place or the other; false where it is not theirs any more. */
  async replace(workspace: string, was: ViewItem, next: ViewItem): Promise<boolean> {
    const Item = itemOf(workspace, next);
    return this.#table.tryTransact((TableName) =>
      was.shared === next.shared
        ? [{ Put: { TableName, Item, ...ownedBy(was.owner) } }]
        : [
            { Delete: { TableName, Key: keyOf(workspace, was), ...ownedBy(was.owner) } },
            { Put: { TableName, Item, ...ABSENT } },
          ],
    );
  }

  /** False where it is gone, or another's by now. */
  async remove(workspace: string, view: ViewItem): Promise<boolean> {
    return this.#table.tryTransact((TableName) => [
      { Delete: { TableName, Key: keyOf(workspace, view), ...ownedBy(view.owner) } },
      {
        Update: {
          TableName,
          Key: keys.viewIds(workspace, view.owner),
          UpdateExpression: "DELETE ids :ids",
          ExpressionAttributeValues: { ":ids": new Set([view.viewId]) },
        },
      },
    ]);
  }

  /** A user's own views, or the shared ones, by id; `after` is an id, itself left out or not. */
  async page(
    workspace: string,
    owner: string | undefined,
    limit: number,
    after: { readonly viewId: string; readonly inclusive: boolean } | undefined,
  ): Promise<ViewItem[]> {
    const at = (viewId: string) =>
      owner === undefined ? keys.sharedView(workspace, viewId) : keys.privateView(workspace, owner, viewId);
    const from = after === undefined ? "" : `${after.viewId}${after.inclusive ? "" : BEHIND}`;
    const key: Clause = {
      text: "PK = :partition AND SK BETWEEN :from AND :to",
      values: { ":partition": at("").PK, ":from": at(from).SK, ":to": at(AFTER_ALL_IDS).SK },
    };
    const views: ViewItem[] = [];
    for await (const item of this.#table.query({ key, limit })) {
      views.push(viewItemOf(item));
      if (views.length === limit) break;
    }
    return views;
  }
}
