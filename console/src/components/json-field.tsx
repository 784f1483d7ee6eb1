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

/** Describes the number that JavaScript would round; undefined if there is none or the text is not valid JSON. */
const roundedNumber = (text: string): string | undefined => {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const fault = numberFault(text);
  return fault && `${fault.path} ${fault.message}`;
};

/** A field for JSON that marks invalid text. */
export function JsonField(props: { label: string; value: string; onChange: (text: string) => void }) {
  const rounded = roundedNumber(props.value);
  return (
    <JsonInput
      {...props}
      validationError="Not valid JSON"
      {...(rounded === undefined ? {} : { error: rounded })}
      autosize
      minRows={5}
      maxRows={16}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}
