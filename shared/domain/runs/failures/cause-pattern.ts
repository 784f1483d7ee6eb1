import { parseCause } from "../../../model/cause.ts";
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
  // UUIDs, which may have no digit.
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  // Times whose days and months are words.
  new RegExp(`\\b(?:${WEEKDAY},? )?${DAY}(?:,?(?: at)? ${CLOCK}(?: \\([^)]*\\))?)?`, "g"),
];

/** A word, or several that hyphens connect, with its sign. */
const WORD = /(?:(?<![\p{L}\p{N}_])[+-](?=\p{N}))?[\p{L}\p{N}_]+(?:-+[\p{L}\p{N}_]+)*/gu;
const PLAIN = /^(?:\p{Lu}?\p{Ll}+|\p{Lu}+)$/u;
const HEXADECIMAL = /^[0-9a-f]{8,}$/i;
const RANDOM_LENGTH = 16;

/** Replaces ids, numbers, times and versions, but keeps the plain words before them: `order-8812` is `order-…`. */
const withoutId = (word: string): string => {
  const parts = word.split("-");
  if (!parts.some(isVariable)) return word;
  const isRandom = word.length >= RANDOM_LENGTH && /\p{Ll}/u.test(word) && /\p{Lu}/u.test(word);
  const plain = isRandom ? 0 : parts.findIndex((part) => isVariable(part) || !PLAIN.test(part));
  return [...parts.slice(0, plain), VARIABLE].join("-");
};

const isVariable = (part: string): boolean => /\p{N}/u.test(part) || HEXADECIMAL.test(part) || isMixed(part);

/** Whether upper and lower case alternate as in random text, and not as in the words of a name like `NullPointerException`. */
const isMixed = (part: string): boolean => {
  const upper = part.match(/\p{Lu}/gu)?.length ?? 0;
  const humps = part.match(/\p{Ll}(?=\p{Lu})/gu)?.length ?? 0;
  return humps >= 3 && upper >= 0.3 * part.length && part.length >= 10;
};

/** Variable parts that only punctuation separates: the digits of a time, or a list of ids of any length. */
const NEIGHBORS = new RegExp(`${VARIABLE}(?:[\\s.,:;|/+#%_-]*${VARIABLE})+`, "g");
/** Signs at the ends of an id that belong to it. */
const ENDS = new RegExp(
  `(?<![\\p{L}\\p{N}_-])[-_+]+(?=${VARIABLE})|(?<=${VARIABLE})[-_]+(?![\\p{L}\\p{N}_-])`,
  "gu",
);

/**
 * Returns what the causes of one kind of failure have in common: the message without ids, numbers, times, addresses and quoted values. `cause`
 * is the whole cause, since a cut may fall inside a value.
 */
export const causePattern = (cause: string): string => {
  const text = VARIABLES.reduce((rest, variable) => rest.replace(variable, VARIABLE), messageOf(cause))
    .replace(WORD, withoutId)
    .replace(ENDS, "");
  return cutText(text.replace(NEIGHBORS, VARIABLE).replace(/\s+/g, " ").trim(), MAX_PATTERN);
};

/** Names and texts in JSON are quoted, so quotes say nothing there. */
const messageOf = (cause: string): string => {
  const message = parseCause(cause).message;
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
