/** What the domain asks of Step Functions about state machines. Names are `machineName`'s, texts are ASL as JSON. */
export interface Machines {
  /**
   * Deploys the text as the machine's newest version, making the machine where there is none; answers the version's ARN.
   * The same text again gives the same version. Throws `invalid_definition` when Step Functions refuses the text.
   */
  publish(name: string, definition: string): Promise<string>;
  /** A machine without versions; one of that name that exists is taken as it is. */
  create(name: string, definition: string): Promise<void>;
  /** One that is gone counts as deleted. */
  delete(name: string): Promise<void>;
}
