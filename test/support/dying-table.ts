import type { Table } from "../../shared/store/client.ts";

/** Where a process dies: at its nth call of the table, before or after the call takes effect. */
export interface Death {
  readonly at: number;
  readonly when: "before" | "after";
}

/** A table whose caller dies at one of its calls, and so gets no answer to that or any later one. `calls` counts them. */
export const dyingTable = (table: Table, death: Death): { readonly table: Table; calls: number } => {
  const seen = { table, calls: 0 };
  const called = (): "alive" | "dying" | "dead" => {
    seen.calls += 1;
    if (seen.calls < death.at) return "alive";
    return seen.calls === death.at ? "dying" : "dead";
  };
  const fate = async (answer: () => unknown): Promise<unknown> => {
    const state = called();
    if (state === "alive") return answer();
    if (state === "dying" && death.when === "after") await answer();
    throw new Error("The process is dead");
  };
  seen.table = new Proxy(table, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name === "query") {
        return async function* (...args: Parameters<Table["query"]>) {
          await fate(() => undefined);
          yield* target.query(...args);
        };
      }
      return (...args: unknown[]) => fate(() => member.apply(target, args));
    },
  });
  return seen;
};
