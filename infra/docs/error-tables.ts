import { ERROR_CODES, ERROR_HELP, type ErrorCode } from "../../shared/model/errors.ts";
import { table } from "./section.ts";

interface ErrorName {
  readonly meaning: string;
  readonly remedy: string;
}

/** Errors that a run can fail with, or that a flow can catch. */
const RUN_ERRORS: Readonly<Record<string, ErrorName>> = {
  "Sluice.AccessDenied": {
    meaning: "The running user lacks a permission that the step requires. A `Catch` can handle it.",
    remedy: "Grant the permission and replay the run from the failed step.",
  },
  "Sluice.Rejected": {
    meaning: "Someone rejected the approval. A `Catch` can handle it.",
    remedy: "Add a `Catch` to the step if a rejection is part of the process.",
  },
  "States.Timeout": {
    meaning:
      "A step exceeded its own `TimeoutSeconds`, or the run exceeded that of its flow. Pauses do not count against the flow's.",
    remedy: "Find the slow step in the list of steps; raise the limit, or replay the run.",
  },
  "Sluice.ExecutionAborted": {
    meaning: "Someone stopped the run's execution in the AWS console or through the AWS API.",
    remedy: "Replay the run. To end a run, cancel it in Sluice.",
  },
  "Sluice.ExecutionTimedOut": {
    meaning: "The execution reached a time limit of Step Functions, which is one year.",
    remedy: "Replay the run from the step that it had reached.",
  },
  "Sluice.ExecutionLost": {
    meaning:
      "Step Functions could not find the execution for a day: its state machine was deleted, or it ended more than 90 days ago.",
    remedy: "Publish the flow again if its state machine is gone, and replay the run.",
  },
  "Sluice.NotStorable": {
    meaning:
      "DynamoDB rejects the data that Sluice stores for the step, because of its content or size. A retry would be rejected too.",
    remedy: "Look at the input, the output and the error of the step, fix it, and replay the run.",
  },
  "Sluice.StateMachineMissing": {
    meaning: "The run's flow version no longer has a state machine.",
    remedy: "Publish the flow again and replay the run.",
  },
  "Sluice.HistoryLimit": {
    meaning:
      "The run had to continue in a fresh execution, and one of its variables is too large to be carried over.",
    remedy: "Keep large values outside variables, for example in S3, publish, and replay the run.",
  },
};

/** Errors that appear only in Step Functions, in the history or at the end of an execution. */
const EXECUTION_ERRORS: Readonly<Record<string, ErrorName>> = {
  "Sluice.Paused": {
    meaning: "The gate stopped the run because the run or its flow is paused. The park state comes next.",
    remedy: "Nothing. Resume the run or the flow when it may continue.",
  },
  "Sluice.Closed": {
    meaning:
      "The run is cancelled, deleted or over, and its execution ends here. A gate before a step answers `Sluice.Paused` instead, and the park stops the execution.",
    remedy: "Nothing.",
  },
  "Sluice.TimedOut": {
    meaning: "The run is past the `TimeoutSeconds` of its flow. The run fails with `States.Timeout`.",
    remedy: "See `States.Timeout`.",
  },
  "Sluice.Continuation": {
    meaning: "The execution's history is nearly full, and the run continues in a fresh execution.",
    remedy: "Nothing. `executionArn` of the run is that of the new execution.",
  },
  "Sluice.Arrival": {
    meaning:
      "The execution of an attached flow continues a run, and its first gate leads it to the place that the run had reached.",
    remedy: "Nothing.",
  },
  "Sluice.NotARun": {
    meaning:
      "The execution has no run: it was started outside Sluice on the state machine of a managed flow, or its state machine contains gates but is not attached, for example a copy.",
    remedy:
      "Start a run through Sluice, or attach the state machine. In a copy, restore the definition without gates.",
  },
  "Sluice.RunIsOver": {
    meaning:
      "An execution continued, for example after a redrive, although its run was cancelled, was deleted or has ended. The cause says which.",
    remedy: "Start a new execution, or replay the run.",
  },
  "Sluice.WentOn": {
    meaning:
      "Sluice stopped the execution because its run continues in another execution: it was resumed at another state, or with other data, or had been paused for eleven months.",
    remedy: "Nothing. `executionArn` of the run is that of the new execution.",
  },
  "Sluice.FlowHeld": {
    meaning: "The execution started while its attached flow was paused in the mode `reject`.",
    remedy:
      "Resume the flow, then start the execution again. To let new executions wait instead, pause the flow in the mode `queue`.",
  },
  "Sluice.GateUnreachable": {
    meaning:
      "The state machine of an attached flow could not call Sluice's gate, and the flow's `whenUnreachable` is `fail`.",
    remedy: "Restore the permission of the state machine's role, or detach the flow.",
  },
  "Sluice.GateFailed": {
    meaning: "A gate inside a function could not read the table. The flow retries it.",
    remedy: "If it repeats, check the function's grant and `SLUICE_TABLE`, and whether DynamoDB throttles.",
  },
  "Sluice.Cancelled": {
    meaning: "Sluice stopped the execution because its run was cancelled or deleted.",
    remedy: "Nothing. The run's audit says who cancelled it.",
  },
  "Sluice.Failed": {
    meaning: "Sluice stopped the execution because its run had already failed.",
    remedy: "Read the error of the run.",
  },
};

/** Every error name of Sluice's that the page explains. */
export const EXPLAINED_NAMES = [...Object.keys(RUN_ERRORS), ...Object.keys(EXECUTION_ERRORS)];

const HEADS = ["error", "what it means", "what to do"];
const nameTable = (names: Readonly<Record<string, ErrorName>>): string =>
  table(
    HEADS,
    Object.entries(names).map(([name, { meaning, remedy }]) => [`\`${name}\``, meaning, remedy]),
  );

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** The sections of docs/reference/errors.md, by name. */
export const ERROR_TABLES: Readonly<Record<string, () => string>> = {
  "error codes": () =>
    table(
      ["code", "status", ...HEADS.slice(1)],
      CODES.map((code) => [
        `\`${code}\``,
        String(ERROR_CODES[code].status),
        ERROR_HELP[code].meaning,
        ERROR_HELP[code].remedy,
      ]),
    ),
  "run errors": () => nameTable(RUN_ERRORS),
  "execution errors": () => nameTable(EXECUTION_ERRORS),
};
