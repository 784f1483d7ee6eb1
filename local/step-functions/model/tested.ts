import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Outcome } from "./frame.ts";

/** The conditions of a TestState call. They stay in memory: a test does not outlive the process. */
export interface Tested {
  /** JSON text of the state's input. */
  readonly input: string;
  /** The variables that the state can read. */
  readonly variables: JsonObject;
  /** Replaces parts of the context object. */
  readonly context: JsonObject;
  /** Answers the state's call in place of the service. */
  readonly mock?: Outcome;
  /** The name that the service gives to what the state's call gets, which depends on the language. */
  readonly callField: "afterArguments" | "afterParameters";
  /** Whether the result includes the data between the state's input and its output. */
  readonly inspects: boolean;
}
