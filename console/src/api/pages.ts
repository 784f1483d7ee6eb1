/** A page of a list, as every list of the API answers. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}
