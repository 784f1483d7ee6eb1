/** State machines of Step Functions. Names come from `machineName`; definitions are ASL as JSON text. */
export interface Machines {
  /**
   * Publishes the definition as the machine's newest version, creates the machine if it does not exist, and returns the version's
   * ARN. The same definition again gives the same version. Throws `invalid_definition` when Step Functions rejects the definition.
   */
  publish(name: string, definition: string): Promise<string>;
  /** Creates a machine without versions. An existing machine of that name stays as it is. */
  create(name: string, definition: string): Promise<void>;
  /** A machine that does not exist counts as deleted. */
  delete(name: string): Promise<void>;
}
