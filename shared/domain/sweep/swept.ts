/** What became of a due thing; what is not ready yet is brought up again, after all else that is due. */
export type Swept = "done" | "not yet";
