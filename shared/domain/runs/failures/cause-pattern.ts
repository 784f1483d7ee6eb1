import { causeMessage } from "../../../model/cause-message.ts";
import { isJsonObject } from "../../../model/json/json.ts";
import { cutText } from "../../../model/json/text.ts";

/** Stands for a part of a cause that differs between failures of one kind. */
const VARIABLE = "…";

/** Maximum length of a pattern, and of the text from which it is made, in characters. */
const MAX_PATTERN = 300;
const MAX_READ = 4_000;

const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*";
const WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*";
const DAY = `(?:\\d{1,2}[ -]${MONTH}|${MONTH} {1,2}\\d{1,2})(?:,?[ -]\\d{4})?`;
const CLOCK = "\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?[AP]M)?(?: ?(?:GMT|UTC|Z))?(?: ?[+-]\\d{4})?";

/**
 * Parts that differ between failures of one kind, the widest first, so that no later expression sees a piece of one. A sign belongs to its
 * number.
 */
const VARIABLES: readonly RegExp[] = [
  // Quoted values. An apostrophe inside a word opens and closes none.
  /"(?:[^"\\]|\\.)*"/gs,
  /(?<![\p{L}\p{N}_])'(?:[^'\\]|\\.)*'(?![\p{L}\p{N}_])/gsu,
  /`[^`]*`|“[^”]*”|‘[^’]*’|«[^»]*»/g,
  // ARNs and addresses.
  /\barn:[\w-]+:[^\s,;()[\]{}<>"']*/g,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s,;()[\]{}<>"']*/gi,
  /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*/g,
  // UUIDs, and hexadecimal numbers, which may have no digit.
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  /(?<!\w)[+-]?(?:0x)?[0-9a-f]{8,}\b/gi,
  // Times whose days and months are words.
  new RegExp(`\\b(?:${WEEKDAY},? )?${DAY}(?:,?(?: at)? ${CLOCK}(?: \\([^)]*\\))?)?`, "g"),
  // Every other word with a digit: ids, numbers, times, versions.
  /(?:(?<![\p{L}\p{N}_])[+-])?[\p{L}_]*\p{N}[\p{L}\p{N}_]*/gu,
];

/** Variable parts that only punctuation separates: the digits of a time, or a list of ids of any length. */
const NEIGHBORS = new RegExp(`${VARIABLE}(?:[\\s.,:;|/+#%_-]*${VARIABLE})+`, "g");

/**
 * Returns what the causes of one kind of failure have in common: the message without ids, numbers, times, addresses and quoted values. `cause`
 * is the whole cause, since a cut may fall inside a value.
 */
export const causePattern = (cause: string): string => {
  const text = VARIABLES.reduce((rest, variable) => rest.replace(variable, VARIABLE), messageOf(cause));
  return cutText(text.replace(NEIGHBORS, VARIABLE).replace(/\s+/g, " ").trim(), MAX_PATTERN);
};

/** Names and texts in JSON are quoted, so quotes say nothing there. */
const messageOf = (cause: string): string => {
  const message = causeMessage(cause);
  const text = cutText(message, MAX_READ);
  return message === cause && isJson(cause) ? text.replaceAll('"', "") : text;
};

const isJson = (text: string): boolean => {
  if (!text.startsWith("{")) return false;
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
};
