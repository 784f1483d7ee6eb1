import { JsonInput } from "@mantine/core";
import type { Json } from "../../../shared/model/json/json.ts";
import { numberFault } from "../../../shared/model/json/json-numbers.ts";

/** Parses JSON; undefined if the text is not valid JSON, or has a number that would be rounded. */
export const parsedJson = (text: string): { readonly value: Json } | undefined => {
  try {
    const value = JSON.parse(text) as Json;
    return numberFault(text) === undefined ? { value } : undefined;
  } catch {
    return undefined;
  }
};

/** Puts a browser's message into words. Chromium and Firefox name the place, at least in a long text. */
const faultOf = (message: string): string => {
  const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
  if (line !== undefined) return `Not valid JSON at line ${line}, column ${column}`;
  if (/end of (JSON|data)/.test(message)) return "Not valid JSON: the end is missing";
  const token = /^SyntaxError: Unexpected token '(.+?)'/.exec(message)?.[1];
  return token === undefined ? "Not valid JSON" : `Not valid JSON: unexpected “${token}”`;
};

/** Says what is wrong with a text that is to be JSON; undefined for none, and while there is no text. */
export const jsonFault = (text: string): string | undefined => {
  if (text.trim() === "") return undefined;
  try {
    JSON.parse(text);
  } catch (error) {
    return faultOf(String(error));
  }
  const fault = numberFault(text);
  return fault && `${fault.path} ${fault.message}`;
};

/** A field for JSON that marks invalid text; `error` is what the service says of a valid one. */
export function JsonField(props: {
  label: string;
  value: string;
  error?: string;
  onChange: (text: string) => void;
}) {
  const fault = jsonFault(props.value) ?? props.error;
  return (
    <JsonInput
      {...props}
      {...(fault === undefined ? {} : { error: fault })}
      autosize
      minRows={5}
      maxRows={16}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}
