import type { ItemKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { itemKind } from "./item-size.ts";

const READS: ReadonlySet<PropertyKey> = new Set(["get", "read", "query", "first", "getMany", "queryPage"]);

/** A table that notes each call: whether it reads or writes, and the kind of the item. */
export const notedCalls = (table: Table): { readonly table: Table; readonly calls: string[] } => {
  const calls: string[] = [];
  const noted = new Proxy(table, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const [key] = args as [Partial<ItemKey> | undefined];
        const item = key?.SK === undefined ? "several" : itemKind({ ...key });
        calls.push(`${READS.has(name) ? "reads" : "writes"} ${item}`);
        // Called on the table itself, so that a call that it makes for another one is not noted too.
        return member.apply(target, args);
      };
    },
  });
  return { table: noted, calls };
};
