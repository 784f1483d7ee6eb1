import type fc from "fast-check";
import type { Item, Table } from "../../shared/store/client.ts";

const collect = async (items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** The table with every answer held back until the scheduler lets it go. */
export const scheduledTable = (table: Table, scheduler: fc.Scheduler): Table =>
  new Proxy(table, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name === "query") {
        return async function* (...args: Parameters<Table["query"]>) {
          yield* await scheduler.schedule(collect(target.query(...args)), "query");
        };
      }
      return (...args: unknown[]) => {
        const answer = Promise.resolve(member.apply(target, args));
        answer.catch(() => undefined); // it is nobody's until it is let go
        return scheduler.schedule(answer, String(name));
      };
    },
  });
