/** An error's cause, as people read it. */
export interface ParsedCause {
  readonly message: string;
  /** The lines of the stack trace, the innermost call first in the languages that do so; empty if there is none. */
  readonly frames: readonly string[];
}

const MAX_FRAMES = 100;
/** Levels of causes in causes: a state machine that started another one, which called a function. */
const MAX_DEPTH = 5;

/**
 * Parses a cause: a Lambda function's error with its stack trace, the failure of a child execution, a description of a job, or a text with a
 * stack trace. Any other text is its own message. The cause must be whole; of one that was cut short, at least the message is found.
 */
export const parseCause = (cause: string, depth = 0): ParsedCause => {
  const value = cause.startsWith("{") ? objectIn(cause) : undefined;
  if (value === undefined) return cutMessage(cause) ?? textCause(cause);
  return (depth < MAX_DEPTH ? objectCause(value, depth) : undefined) ?? { message: cause, frames: [] };
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textIn = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const objectIn = (text: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const objectCause = (value: Fields, depth: number): ParsedCause | undefined => {
  const message = value["errorMessage"];
  if (typeof message === "string") return { message, frames: framesIn(value) };
  const { Error: error, Cause: inner } = value;
  if (typeof inner === "string" && typeof error === "string") {
    const parsed = parseCause(inner, depth + 1);
    return { ...parsed, message: parsed.message === "" ? error : `${error}: ${parsed.message}` };
  }
  if (value["decision"] === "rejected") {
    const by = textIn(value["by"]);
    const comment = textIn(value["comment"]);
    return {
      message: `Rejected${by === undefined ? "" : ` by ${by}`}${comment === undefined ? "" : `: ${comment}`}`,
      frames: [],
    };
  }
  const reason = reasonIn(value, depth);
  return reason === undefined ? undefined : { message: reason, frames: [] };
};

/** Where the descriptions of jobs, tasks and queries of AWS say why they failed. */
const REASONS = [
  ...[
    "StoppedReason",
    "StatusReason",
    "StateChangeReason",
    "FailureReason",
    "ErrorMessage",
    "Message",
    "message",
  ],
] as const;

const reasonIn = (value: Fields, depth: number): string | undefined => {
  const own = REASONS.map((name) => textIn(value[name])).find((text) => text !== undefined);
  if (own !== undefined || depth >= MAX_DEPTH) return own;
  const nested = Object.values(value).flatMap((part) => (Array.isArray(part) ? part : [part]));
  return nested
    .filter(isFields)
    .map((part) => reasonIn(part, depth + 1))
    .find((text) => text !== undefined);
};

/** Node.js has `trace`, whose first line repeats the error; Python and Java have `stackTrace`. */
const framesIn = ({ trace, stackTrace }: Fields): string[] => {
  const lines = Array.isArray(trace) ? trace.slice(1) : Array.isArray(stackTrace) ? stackTrace : [];
  return lines
    .filter((line) => typeof line === "string")
    .map((line) => line.trim())
    .slice(0, MAX_FRAMES);
};

/** A line of a stack trace of JavaScript, Java or .NET. */
const FRAME = /^\s+at \S/;

const textCause = (cause: string): ParsedCause => {
  const lines = cause.split("\n");
  const first = lines.findIndex((line) => FRAME.test(line));
  if (first < 1) return { message: cause, frames: [] };
  const frames = lines.slice(first).map((line) => line.trim());
  return { message: lines.slice(0, first).join("\n"), frames: frames.slice(0, MAX_FRAMES) };
};

/** The message of a Lambda function's error whose JSON has been cut short. */
const cutMessage = (cause: string): ParsedCause | undefined => {
  const [, text, end] = /^\{.*?"errorMessage":"((?:[^"\\]|\\.)*)("?)/s.exec(cause) ?? [];
  if (text === undefined) return undefined;
  try {
    return { message: `${JSON.parse(`"${text}"`)}${end === "" ? "…" : ""}`, frames: [] };
  } catch {
    return undefined;
  }
};

/** An error as the API returns it. Services before release 0.2 send no message. */
interface ErrorWithCause {
  readonly cause?: string | undefined;
  readonly message?: string | undefined;
}

/** Returns the readable part of an error's cause. */
export const messageOf = ({ message, cause = "" }: ErrorWithCause): string =>
  message ?? parseCause(cause).message;
