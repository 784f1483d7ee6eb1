import type { Table } from "../../../shared/store/table.ts";

/** The point where a process dies: at its nth call, before or after the call takes effect. */
export interface Death {
  readonly at: number;
  readonly when: "before" | "after";
}

/** A process that dies at one of its calls, and so gets no response to that or any later call. `calls` counts them. */
export class CrashingProcess {
  calls = 0;
  readonly #death: Death;
  constructor(death: Death) {
    this.#death = death;
  }

  /** The same part, called by this process. `streams`: members that return several values one after the other. */
  using<Part extends object>(part: Part, ...streams: (keyof Part)[]): Part {
    return new Proxy(part, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        const call = (args: unknown[]): unknown => member.apply(target, args);
        if (!streams.some((stream) => stream === name))
          return (...args: unknown[]) => this.#fate(() => call(args));
        const fate = () => this.#fate(() => undefined);
        return async function* (...args: unknown[]) {
          await fate();
          yield* call(args) as AsyncGenerator<unknown>;
        };
      },
    });
  }

  async #fate(answer: () => unknown): Promise<unknown> {
    this.calls += 1;
    if (this.calls < this.#death.at) return answer();
    if (this.calls === this.#death.at && this.#death.when === "after") await answer();
    throw new Error("The process is dead");
  }
}

/** A table whose caller dies at one of its calls. */
export const crashingTable = (
  table: Table,
  death: Death,
): { readonly table: Table; readonly calls: number } => {
  const process = new CrashingProcess(death);
  return {
    table: process.using(table, "query"),
    get calls() {
      return process.calls;
    },
  };
};
