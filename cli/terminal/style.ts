import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

/** Colors only for a terminal: not for a pipe, with NO_COLOR (https://no-color.org) or on a dumb terminal. */
export const paintFor = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint => {
  const plain = stream.isTTY !== true || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return plain ? (_, text) => text : (format, text) => styleText(format, text, { validateStream: false });
};

/** JSON with all control characters escaped; JSON.stringify leaves those from U+007F on unescaped. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Replaces control characters, so that foreign text cannot move the cursor or change colors. */
export const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
  text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, (found) => (/^\s+$/.test(found) ? " " : "�"));

/** A number of things: `1 run`, `5 runs`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
