import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import type { DueIndex } from "../../../shared/store/due.ts";

/** Restricts the index of due items to some of them, as an index that lags may be. */
export class LaggingDueIndex {
  /** Ids; undefined for all. */
  only: readonly string[] | undefined;

  readonly decorate = (dependencies: Dependencies): Dependencies => {
    const { due } = dependencies;
    const some = <T extends object>(sources: AsyncGenerator<T>[]) =>
      sources.map((source) => this.#some(source));
    const lagging: Pick<DueIndex, "overdue" | "tombstones" | "ended" | "postpone"> = {
      overdue: (now, limit) => some(due.overdue(now, limit)),
      tombstones: (now) => some(due.tombstones(now)),
      ended: (workspace, until) => some(due.ended(workspace, until)),
      postpone: (thing, until) => due.postpone(thing, until),
    };
    return { ...dependencies, due: lagging as DueIndex };
  };

  async *#some<T extends object>(source: AsyncGenerator<T>): AsyncGenerator<T> {
    for await (const thing of source) {
      const text = JSON.stringify(thing);
      if (this.only === undefined || this.only.some((id) => text.includes(id))) yield thing;
    }
  }
}
