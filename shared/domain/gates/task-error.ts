import { TASK_ERRORS } from "../../model/machines/task-events.ts";

const MESSAGES: Readonly<Record<keyof typeof TASK_ERRORS, string>> = {
  paused: "The run is paused, or its flow is held",
  closed: "The run has ended",
  timedOut: "The run is past its deadline",
  notARun: "This execution has no run",
  runIsOver: "The run of this execution has ended",
  flowHeld: "The flow is paused and rejects new runs. Resume it in Sluice, then start the execution again",
  accessDenied: "The running user lacks a permission",
  rejected: "The approval was rejected",
  continueAsNew: "The run continues in a fresh execution",
  arrival: "The run continues at another state than the first",
};

/** Refuses a compiled flow's call. Step Functions sees the error's name. */
export class TaskError extends Error {
  readonly why: keyof typeof TASK_ERRORS;
  constructor(why: keyof typeof TASK_ERRORS, message: string = MESSAGES[why]) {
    super(message);
    this.why = why;
    this.name = TASK_ERRORS[why];
    // Lambda passes on the stack as the error's trace, which the user can read in a Catch.
    this.stack = `${this.name}: ${message}`;
  }
}
