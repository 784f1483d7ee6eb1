import type { ViewFilter } from "../../model/schemas/run-filter.ts";
import type { Clause } from "../expressions.ts";
import type { Item } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";

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

/** The views that a user finds under an id: a private one, and one shared by any member. */
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

/** `!` sorts before every character of an id: after the id itself, before longer ids that begin with it. */
const AFTER_ID = "!";
const AFTER_ALL_IDS = "~";

/**
 * Reads and writes saved views. A user has at most one view with an id, private or shared, and a limited number in total. The
 * set of their ids, written in the same transactions, enforces both.
 */
export class ViewStore extends TableStore {
  async find(workspace: string, userId: string, viewId: string): Promise<FoundViews> {
    const items = await this.table.getMany([
      keys.privateView(workspace, userId, viewId),
      keys.sharedView(workspace, viewId),
    ]);
    const views = items.map(viewItemOf);
    const own = views.find((view) => !view.shared);
    const shared = views.find((view) => view.shared);
    return { ...(own && { own }), ...(shared && { shared }) };
  }

  /** Returns `full` if the owner already has `limit` views, and `conflict` if the id was taken in the meantime. */
  async create(workspace: string, view: ViewItem, limit: number): Promise<"written" | "full" | "conflict"> {
    const { owner, viewId } = view;
    const Key = keys.viewIds(workspace, owner);
    const written = await this.table.tryTransact((TableName) => [
      { Put: { TableName, Item: itemOf(workspace, view), ...ABSENT } },
      {
        Update: {
          TableName,
          Key,
          UpdateExpression: "ADD ids :ids",
          ConditionExpression: "attribute_not_exists(ids) OR (size(ids) < :limit AND NOT contains(ids, :id))",
          ExpressionAttributeValues: { ":ids": new Set([viewId]), ":id": viewId, ":limit": limit },
        },
      },
    ]);
    if (written) return "written";
    const ids = (await this.table.get(Key))?.["ids"];
    return ids instanceof Set && ids.size >= limit && !ids.has(viewId) ? "full" : "conflict";
  }

  /** Replaces the owner's view with `next`, which may be private or shared. Returns false if they no longer own it. */
  async replace(workspace: string, was: ViewItem, next: ViewItem): Promise<boolean> {
    const Item = itemOf(workspace, next);
    return this.table.tryTransact((TableName) =>
      was.shared === next.shared
        ? [{ Put: { TableName, Item, ...ownedBy(was.owner) } }]
        : [
            { Delete: { TableName, Key: keyOf(workspace, was), ...ownedBy(was.owner) } },
            { Put: { TableName, Item, ...ABSENT } },
          ],
    );
  }

  /** Returns false if the view is deleted or has another owner. */
  async remove(workspace: string, view: ViewItem): Promise<boolean> {
    return this.table.tryTransact((TableName) => [
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

  /** Returns a user's private views, or the shared ones if no owner is given, ordered by id. */
  async page(
    workspace: string,
    owner: string | undefined,
    limit: number,
    after: { readonly viewId: string; readonly inclusive: boolean } | undefined,
  ): Promise<ViewItem[]> {
    const at = (viewId: string) =>
      owner === undefined ? keys.sharedView(workspace, viewId) : keys.privateView(workspace, owner, viewId);
    const from = after === undefined ? "" : `${after.viewId}${after.inclusive ? "" : AFTER_ID}`;
    const key: Clause = {
      text: "PK = :partition AND SK BETWEEN :from AND :to",
      values: { ":partition": at("").PK, ":from": at(from).SK, ":to": at(AFTER_ALL_IDS).SK },
    };
    return (await this.table.first({ key, limit })).map(viewItemOf);
  }
}
