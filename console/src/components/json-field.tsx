import { JsonInput } from "@mantine/core";
import type { Json } from "../../../shared/model/json/json.ts";

/** Parses JSON; undefined if the text is not valid JSON. */
export const parsedJson = (text: string): { readonly value: Json } | undefined => {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
};

/** A field for JSON that marks invalid text. */
export function JsonField(props: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <JsonInput
      {...props}
      validationError="Not valid JSON"
      autosize
      minRows={5}
      maxRows={16}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}
