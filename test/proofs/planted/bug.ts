/** An edit of the sources that plants a bug. */
export interface Edit {
  /** From the project's root. */
  readonly file: string;
  /** Text that the file contains exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A mistake that is planted in a copy of the project, and the test that must find it. */
export interface PlantedBug {
  readonly description: string;
  readonly edits: readonly Edit[];
  readonly suite: {
    readonly file: string;
    /** Part of the names of the tests to run. If absent, all tests of the file. */
    readonly test?: string;
  };
}
