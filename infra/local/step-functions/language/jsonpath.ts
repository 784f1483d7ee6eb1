import type { Json } from "../../../../shared/model/json.ts";
import { type Scope, StatesError } from "./types.ts";

const pending = (what: string): never => {
  throw new StatesError("States.Runtime", `${what} is being written`);
};
export function evaluatePath(path: string, _scope: Scope): Json {
  return pending(path);
}
export function pathExists(path: string, _scope: Scope): boolean {
  return pending(path);
}
export function setAtReferencePath(_target: Json, path: string, _value: Json): Json {
  return pending(path);
}
