import type { Substitutions } from "../../../shared/asl/source/substitutions.ts";

/** A flow as a team has it. */
export interface CorpusFlow {
  readonly id: string;
  /** The unchanged file, in JSON or YAML. */
  readonly text: string;
  /** The values of its placeholders. */
  readonly substitutions: Substitutions;
  /** STANDARD or EXPRESS, if its template says so. */
  readonly machineType: string | undefined;
}
