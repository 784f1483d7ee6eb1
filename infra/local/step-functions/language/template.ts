import type { Json } from "../../../../shared/model/json.ts";
import { type Scope, StatesError } from "./types.ts";

export function evaluateTemplate(_template: Json, _scope: Scope): Json {
  throw new StatesError("States.Runtime", "being written");
}
export function evaluateFieldExpression(_text: string, _scope: Scope): Json {
  throw new StatesError("States.Runtime", "being written");
}
