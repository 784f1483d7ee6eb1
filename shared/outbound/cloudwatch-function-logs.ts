import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { namePattern } from "../model/machines/name-pattern.ts";
import type { FunctionLogs, Invocation, InvocationLog } from "./ports.ts";

/** Milliseconds by which the clocks of Step Functions and Lambda, and the delivery of a line, may differ from the call's times. */
const SLACK_MS = 2_000;
/** Milliseconds for which a call may last. CloudWatch Logs needs an end of the search. */
const MAX_CALL_MS = 15 * 60_000;
/** CloudWatch Logs may answer with empty pages. */
const MAX_PAGES = 8;
/** Characters that are shown of an invocation's output: its end. */
const MAX_TEXT = 64 * 1_024;

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
/** `2026-01-01T00:00:00.000Z<tab>id<tab>INFO<tab>text` of the Node.js runtime; others have the id, or not. */
const PREFIX = new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\t(?:${UUID}|undefined)\\t`);
const LIFECYCLE = /^(START|END|REPORT|INIT_START|XRAY) /;

const NOTES = {
  closed:
    "This deployment does not open the output of this function to the workspace. See the parameter stepLogs.",
  unknown:
    "Step Functions does not say which invocation this was. It does for calls of arn:aws:states:::lambda:invoke that succeeded, and for errors whose text is found in the function's log.",
  missing: "CloudWatch Logs has no log group for this function.",
  busy: "CloudWatch Logs is busy. Try again in a moment.",
} as const;
const without = (note: string): InvocationLog => ({ lines: [], isCut: false, note });

/**
 * Reads from CloudWatch Logs what an invocation printed, by its request id. Only functions whose names the deployer has opened to the workspace
 * are read, since a function may serve several workspaces and print whatever it wants. An invocation is never guessed by its time: another
 * one may belong to another workspace.
 */
export const cloudWatchFunctionLogs = (
  client: CloudWatchLogsClient,
  patterns: (workspace: string) => readonly string[],
): FunctionLogs => ({
  async read(invocation) {
    const { workspace, functionName } = invocation;
    const isOpen = patterns(workspace).some((pattern) => namePattern(pattern).test(functionName));
    if (!isOpen) return without(NOTES.closed);
    try {
      return await readOutput(client, invocation);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return without(NOTES.missing);
      if (error instanceof Error && error.name === "ThrottlingException") return without(NOTES.busy);
      throw error;
    }
  },
});

const readOutput = async (client: CloudWatchLogsClient, invocation: Invocation): Promise<InvocationLog> => {
  const { functionName, from, to = from + MAX_CALL_MS } = invocation;
  const search = {
    logGroupName: `/aws/lambda/${functionName}`,
    ...{ startTime: from - SLACK_MS, endTime: to + SLACK_MS },
  };
  const requestId = invocation.requestId ?? (await idByMessage(client, search, invocation.errorMessage));
  if (requestId === undefined) return without(NOTES.unknown);
  const own = await eventsOf(client, { ...search, filterPattern: quoted(requestId) });
  const [first] = own;
  if (first?.logStreamName === undefined) return { requestId, lines: [], isCut: false };
  // Lines without the id, such as those that Python prints, are in the same stream, which has one invocation at a time.
  const begin = own.find(({ message = "" }) => isStart(message)) ?? first;
  const end = own.findLast(({ message = "" }) => isEnd(message)) ?? own.at(-1) ?? first;
  const all = await eventsOf(client, {
    ...search,
    logStreamNames: [first.logStreamName],
    ...{ startTime: begin.timestamp, endTime: (end.timestamp ?? 0) + 1 },
  });
  return { requestId, ...outputOf(all, requestId) };
};

/** A phrase of a filter pattern. */
const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;

/** Finds the invocation that logged the error's message; undefined if none did, or more than one. */
const idByMessage = async (
  client: CloudWatchLogsClient,
  search: FilterLogEventsCommandInput,
  message: string | undefined,
): Promise<string | undefined> => {
  const phrase = message?.split("\n", 1)[0]?.slice(0, 200);
  if (phrase === undefined || phrase === "") return undefined;
  const found = await eventsOf(client, {
    ...search,
    filterPattern: quoted(JSON.stringify(phrase).slice(1, -1)),
  });
  const ids = found.map(({ message = "" }) => new RegExp(UUID).exec(message)?.[0]);
  const distinct = new Set(ids.filter((id) => id !== undefined));
  return distinct.size === 1 ? [...distinct][0] : undefined;
};

const eventsOf = async (
  client: CloudWatchLogsClient,
  input: FilterLogEventsCommandInput,
): Promise<FilteredLogEvent[]> => {
  const found: FilteredLogEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.send(new FilterLogEventsCommand({ ...input, nextToken }));
    found.push(...(answer.events ?? []));
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  return found;
};

interface PlatformEvent {
  readonly type?: unknown;
  readonly message?: unknown;
  readonly level?: unknown;
  readonly requestId?: unknown;
  readonly record?: { readonly requestId?: unknown };
}
const jsonOf = (text: string): PlatformEvent | undefined => {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as PlatformEvent;
  } catch {
    return undefined;
  }
};
const isStart = (message: string): boolean =>
  message.startsWith("START ") || jsonOf(message)?.type === "platform.start";
const isEnd = (message: string): boolean =>
  /^(END|REPORT) /.test(message) || jsonOf(message)?.type === "platform.report";

/**
 * Returns the lines of one invocation from its stream, without those of the platform. Lines that name another invocation are left out: in
 * the millisecond of its end, the next one may begin.
 */
const outputOf = (
  events: readonly FilteredLogEvent[],
  requestId: string,
): Pick<InvocationLog, "lines" | "isCut"> => {
  const lines: { at: number; text: string }[] = [];
  let size = 0;
  let isCut = false;
  for (const { timestamp = 0, message = "" } of events) {
    const text = lineOf(message, requestId);
    if (text === undefined) continue;
    lines.push({ at: timestamp, text: text.slice(0, MAX_TEXT) });
    size += text.length;
    isCut ||= text.length > MAX_TEXT;
    while (size > MAX_TEXT && lines.length > 1) {
      size -= lines.shift()?.text.length ?? 0;
      isCut = true;
    }
  }
  return { lines, isCut };
};

const lineOf = (message: string, requestId: string): string | undefined => {
  const line = message.replace(/\r?\n$/, "");
  const json = jsonOf(line);
  if (json !== undefined) {
    if (typeof json.type === "string" && json.type.startsWith("platform.")) return undefined;
    if (json.requestId !== undefined && json.requestId !== requestId) return undefined;
    const { level, message: text } = json;
    if (text === undefined) return line;
    const shown = typeof text === "string" ? text : JSON.stringify(text);
    return typeof level === "string" ? `${level} ${shown}` : shown;
  }
  if (LIFECYCLE.test(line)) return undefined;
  const prefix = PREFIX.exec(line)?.[0];
  if (prefix === undefined) return line;
  return prefix.includes(requestId) ? line.slice(prefix.length).replace("\t", " ") : undefined;
};
