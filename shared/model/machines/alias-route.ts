/** A version to which an alias of a state machine points. */
export interface AliasRoute {
  readonly versionArn: string;
  /** Its share of the alias's new executions, in percent. */
  readonly weight: number;
}
