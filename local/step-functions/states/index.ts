import type { StateModule } from "../interpreter/state-module.ts";
import { choice } from "./choice.ts";
import { map } from "./map.ts";
import { parallel } from "./parallel.ts";
import { fail, pass, succeed } from "./simple-states.ts";
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
