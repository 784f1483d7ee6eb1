import type { ItemKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import type { RivalTable } from "../between/rival-table.ts";

/** A write whose condition protects it from changes that someone else made after the read. */
export interface Prepared {
  readonly write: () => Promise<unknown>;
  /** Items that the write changes if nothing has come in between. */
  readonly items: readonly ItemKey[];
  /**
   * For a write that is repeated on the item as it is now: whether it was made on what it was before. Absent: the write must not be
   * made at all.
   */
  readonly misled?: () => Promise<boolean>;
  /** Changes that someone else may make before the write. Each of them must prevent it. */
  readonly rivals: Readonly<Record<string, () => Promise<unknown>>>;
}

/** Brings the table into the state that the writer reads. Called often: `nth` makes its keys unique. */
export type ConditionalWrite = (table: RivalTable, nth: number) => Promise<Prepared>;

/** Sets attributes of an item, as another writer would. A value that is undefined removes its attribute. */
export const changing = (table: Table, key: ItemKey, attributes: Readonly<Record<string, unknown>>) => () =>
  table.update(key, {
    set: attributes,
    remove: Object.keys(attributes).filter((name) => attributes[name] === undefined),
    when: [],
  });

export const deleting = (table: Table, key: ItemKey) => () => table.delete(key);

const REFUSED: readonly unknown[] = [false, undefined, "conflict", "full", "last_admin"];

/** The result of a write for its caller: whether it took effect. */
export const verdictOf = (result: unknown): boolean => {
  if (typeof result !== "object" || result === null) return !REFUSED.includes(result);
  if ("ok" in result) return result.ok === true;
  return "created" in result ? result.created === true : true;
};
