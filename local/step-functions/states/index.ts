import type { StateModule } from "../interpreter/state-module.ts";
import { choice } from "./choice.ts";
import { fail, succeed } from "./endings.ts";
import { map } from "./map.ts";
import { parallel } from "./parallel.ts";
import { pass } from "./pass.ts";
import { task } from "./task.ts";
import { wait } from "./wait.ts";

export const STATES: Readonly<Record<string, StateModule>> = {
  Choice: choice,
  Fail: fail,
  Map: map,
  Parallel: parallel,
  Pass: pass,
  Succeed: succeed,
  Task: task,
  Wait: wait,
};
