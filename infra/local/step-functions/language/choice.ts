import type { JsonObject } from "../../../../shared/model/json.ts";
import { type Scope, StatesError } from "./types.ts";

export function evaluateChoiceRule(_rule: JsonObject, _scope: Scope): boolean {
  throw new StatesError("States.Runtime", "being written");
}
