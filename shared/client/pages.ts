/** One page of a list. `nextCursor` is set if more pages follow. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

/** The items of a list from `cursor` on, page by page. */
export async function* pagesOf<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  cursor?: string,
): AsyncGenerator<Page<T>> {
  let next = cursor;
  do {
    const page = await read(next);
    yield page;
    next = page.nextCursor;
  } while (next !== undefined);
}

/** Returns all items of a list, or those of the pages that are needed for `most` of them. */
export const allItems = async <T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> => {
  const items: T[] = [];
  for await (const page of pagesOf(read)) {
    items.push(...page.items);
    if (items.length >= most) break;
  }
  return items;
};

/** The items of a list operation, read page by page as they are needed: `for await (const run of items(api.listRuns, {…}))`. */
export async function* items<T, Request extends { readonly query?: object | undefined }>(
  list: (request: Request) => Promise<Page<T>>,
  request: Request,
): AsyncGenerator<T> {
  const read = (cursor: string | undefined) => list({ ...request, query: { ...request.query, cursor } });
  for await (const page of pagesOf(read)) yield* page.items;
}
