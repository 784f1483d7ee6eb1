import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

/** Colors for a person's terminal only: not in a pipe, not with NO_COLOR (https://no-color.org), not on a dumb one. */
export const paintFor = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint => {
  const plain = stream.isTTY !== true || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return plain ? (_, text) => text : (format, text) => styleText(format, text, { validateStream: false });
};

/** JSON whose control characters are all escaped; the usual text leaves those from U+007F on as they are. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** What came from elsewhere cannot move the cursor or change colors: control characters are shown, not sent. */
export const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
  text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, (found) => (/^\s+$/.test(found) ? " " : "�"));
