import { AwsError } from "../../ports/services.ts";

/** The service's errors, with its own wording. */
export const invalidArn = (detail: string) => new AwsError("InvalidArn", `Invalid Arn: '${detail}'`);
export const invalidName = (name: string) => new AwsError("InvalidName", `Invalid Name: '${name}'`);
export const invalidToken = () => new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
export const invalidOutput = (why: string) => new AwsError("InvalidOutput", `Invalid Output: '${why}'`);
export const invalidInput = (why: string) =>
  new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`);
export const invalidDefinition = (why: string) =>
  new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${why}'`);
export const noMachine = (arn: string) =>
  new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
export const machineExists = (arn: string) =>
  new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
export const machineDeleting = (arn: string) =>
  new AwsError("StateMachineDeleting", `State Machine is being deleted: '${arn}'`);
export const noExecution = (arn: string) =>
  new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
export const noResource = (arn: string) => new AwsError("ResourceNotFound", `Resource not found: '${arn}'`);
export const tooManyTags = (arn: string) =>
  new AwsError("TooManyTags", `Too many tags for the resource: '${arn}'`);
export const executionExists = (arn: string) =>
  new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
export const activityDoesNotExist = (arn: string) =>
  new AwsError("ActivityDoesNotExist", `Activity Does Not Exist: '${arn}'`);
export const notRedrivable = (arn: string, why: string) =>
  new AwsError("ExecutionNotRedrivable", `Execution Not Redrivable: '${arn}': ${why}`);
/** A token of an attempt that is over. */
export const taskTimedOut = () =>
  new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
export const wrongType = (message: string) => new AwsError("StateMachineTypeNotSupported", message);
export const conflict = (message: string) => new AwsError("ConflictException", message);
export const quotaExceeded = (message: string) => new AwsError("ServiceQuotaExceededException", message);
export const missingParameter = (message: string) => new AwsError("MissingRequiredParameter", message);
export const validation = (message: string) => new AwsError("ValidationException", message);
export const constraint = (value: string, field: string, rule: string) =>
  validation(
    `1 validation error detected: Value ${value} at '${field}' failed to satisfy constraint: ${rule}`,
  );
