import type { Json } from "../../../../shared/model/json/json.ts";

/** The values that a state's expressions can use. They are never mutated. */
export interface Scope {
  /** `$` of a JSONPath, `$states.input` of JSONata: the state's (effective) input. */
  readonly input: Json;
  /** The context object: `$$` of a JSONPath, `$states.context` of JSONata. */
  readonly context: Json;
  /** Workflow variables in scope, with inner scopes overriding outer ones; names without the `$`. */
  readonly variables: Readonly<Record<string, Json>>;
}

/** In some fields, JSONata's reserved `$states` variable has two more members. */
export interface JsonataScope extends Scope {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** An error of the Amazon States Language, e.g. `States.ParameterPathFailure`; `error` and `cause` as in the history. */
export class StatesError extends Error {
  readonly error: string | undefined;
  readonly cause_: string | undefined;
  /** The field, if it is more precise than the one that was evaluated: `Output/a`. */
  readonly location: string | undefined;
  constructor(error: string | undefined, cause?: string, location?: string) {
    super(`${error ?? "(no error name)"}: ${cause ?? ""}`);
    this.name = "StatesError";
    this.error = error;
    this.cause_ = cause;
    this.location = location;
  }
}
