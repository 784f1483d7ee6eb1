import { TASK_ERRORS } from "../../model/machines/task-events.ts";

const MESSAGES: Readonly<Record<keyof typeof TASK_ERRORS, string>> = {
  paused: "The run or its flow is held",
  closed: "The run is over",
  timedOut: "The run is past its deadline",
  accessDenied: "The running user lacks a permission",
  rejected: "The answer was no",
  continueAsNew: "The run goes on in a fresh execution",
};

/** How a task function answers "no" to a compiled flow: Step Functions sees the error's name. */
export class TaskError extends Error {
  constructor(why: keyof typeof TASK_ERRORS, message: string = MESSAGES[why]) {
    super(message);
    this.name = TASK_ERRORS[why];
    // Lambda hands the stack on as the error's trace, and what a flow catches is the user's to read.
    this.stack = `${this.name}: ${message}`;
  }
}
