import type { OperationId } from "../../../shared/model/api/paths.ts";

/** Every list of the API. */
export type ListId = Extract<OperationId, `list${string}`>;

export type Query = Readonly<Record<string, string>>;

interface Listed {
  readonly ids: readonly string[];
  readonly nextCursor: string | undefined;
}

/** A list, what must be in it by the test's own account, and what may change it. */
export interface ListWorld {
  /** Filters to read the list with. */
  readonly filters: readonly Query[];
  /** Ids of the items that the list has at this moment. */
  expected(filter: Query): readonly string[];
  /** Each changes the list by one step, and the account with it. The number chooses what it changes. */
  readonly changes: readonly ((choice: number) => Promise<void>)[];
  page(filter: Query, limit: number, cursor: string | undefined): Promise<Listed>;
}

/** Reads a page of a list, whose items have this id. */
export const pageOf =
  <Item>(
    read: (query: Readonly<Record<string, string | number>>) => Promise<{
      readonly items: readonly Item[];
      readonly nextCursor?: string | undefined;
    }>,
    idOf: (item: Item) => string,
  ): ListWorld["page"] =>
  async (filter, limit, cursor) => {
    const { items, nextCursor } = await read({
      ...filter,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (items.length > limit) throw new Error(`A page has ${items.length} items instead of ${limit}`);
    return { ids: items.map(idOf), nextCursor };
  };

/** An account of ids that come and go. */
export class Ids {
  readonly #ids: string[] = [];
  add(id: string): void {
    this.#ids.push(id);
  }
  /** Takes one away, if there is one. */
  take(choice: number): string | undefined {
    return this.#ids.splice(choice % Math.max(1, this.#ids.length), 1)[0];
  }
  readonly all = (): readonly string[] => [...this.#ids];
}
