import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { ResumeBody } from "../api/runs.ts";
import { parsedJson } from "../components/json-field.tsx";

/** The place at which the run continues: with the state at which it stopped, after it, or at another one. */
export type Way = "again" | "skip" | "elsewhere";

/** The fields of the dialog. */
export interface MendForm {
  readonly way: Way;
  /** The state at which the run stopped, if it is known. */
  readonly state: string | undefined;
  /** The state has branches or iterations, which the service begins again only if it is named. */
  readonly hasBranches: boolean;
  /** The chosen state, for `elsewhere`. */
  readonly at: string | undefined;
  readonly version: "same" | "latest";
  /** The input that the state had; undefined if it is not known. */
  readonly recorded: string | undefined;
  /** JSON texts; an empty one keeps what the run has. */
  readonly input: string;
  readonly output: string;
  readonly variables: string;
  readonly reason: string;
  /** Pauses the run again after one step. */
  readonly oneStep: boolean;
  /** Somebody else started the run's execution, and may wait for it. */
  readonly isAwaited: boolean;
  /** The person has agreed that whoever waits sees the execution aborted. */
  readonly leaves: boolean;
}

/** Whether the request sends the run into a fresh execution. */
export const isMove = (form: MendForm): boolean => {
  const { at, input, output, variables, version } = requestOf(form);
  return [at, input, output, variables, version].some((field) => field !== undefined);
};

/** Says why the form cannot be sent yet; undefined if it can. */
export const missingIn = (form: MendForm): string | undefined => {
  if (form.way === "elsewhere" && form.at === undefined)
    return "Choose the state at which the run continues.";
  if (form.way === "skip" && form.output.trim() === "") return "Give the output of the skipped step.";
  if (!isJson(form.way === "skip" ? form.output : form.input)) return "Correct the JSON.";
  const variables = parsedJson(form.variables)?.value;
  if (form.variables.trim() !== "" && !isObject(variables)) return "Give the variables as a JSON object.";
  if (form.isAwaited && !form.leaves && isMove(form))
    return "Somebody else started this run’s execution. Confirm that the run may leave it.";
  return undefined;
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isJson = (text: string): boolean => text.trim() === "" || parsedJson(text) !== undefined;

/** Whether the input differs from the recorded one in more than its layout. */
const hasNewInput = ({ input, recorded }: MendForm): boolean => {
  const given = parsedJson(input);
  if (given === undefined) return false;
  const before = recorded === undefined ? undefined : parsedJson(recorded);
  return JSON.stringify(given.value) !== JSON.stringify(before?.value);
};

/** The request; a field is sent only if the person changed it. */
export const requestOf = (form: MendForm): ResumeBody => {
  const { way, at, state, reason } = form;
  const variables = parsedJson(form.variables)?.value;
  const named = way === "elsewhere" ? at : way === "again" && form.hasBranches ? state : undefined;
  return {
    ...(named === undefined ? {} : { at: named }),
    ...(way === "skip" ? { output: parsedJson(form.output)?.value } : {}),
    ...(way !== "skip" && hasNewInput(form) ? { input: parsedJson(form.input)?.value } : {}),
    ...(isObject(variables) ? { variables } : {}),
    ...(form.version === "latest" ? { version: "latest" as const } : {}),
    ...(form.oneStep ? { steps: 1 } : {}),
    ...(form.isAwaited && form.leaves ? { detach: true } : {}),
    ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
  };
};

/** Tells in words what the request does. */
export const effectOf = (form: MendForm, version: number): string =>
  `${wayOf(form, version)}${form.oneStep ? " It is paused again after one step." : ""}`;

const wayOf = (form: MendForm, version: number): string => {
  const { way, at, state } = form;
  const on = form.version === "latest" ? ` on version ${version}` : "";
  const here = state === undefined ? "the state at which it stopped" : `“${state}”`;
  if (way === "skip")
    return `The run continues after ${here}${on}, as if that had returned this output. ${quoted(state)} is not called.`;
  const target = way === "elsewhere" ? (at === undefined ? "the chosen state" : `“${at}”`) : here;
  const data = hasNewInput(form) ? "the changed input" : "the input that it has";
  const branches =
    way === "again" && form.hasBranches ? " Branches and iterations that had finished are called again." : "";
  return `The run continues at ${target}${on}, with ${data}. Steps before it are not called again.${branches}`;
};

const quoted = (state: string | undefined): string => (state === undefined ? "That state" : `“${state}”`);
