interface Started {
  readonly startedBy: string | { readonly id: string };
}

/** Returns the id of the user or client that started a run, or the name of the execution that began it. */
export const starterName = ({ startedBy }: Started): string =>
  typeof startedBy === "string" ? startedBy : startedBy.id;
