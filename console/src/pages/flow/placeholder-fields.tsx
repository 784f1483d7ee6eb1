import { Fieldset, SimpleGrid, TextInput } from "@mantine/core";
import { parse } from "yaml";

/** A field for the value of each placeholder in a flow's text. */
export function PlaceholderFields(props: {
  names: readonly string[];
  values: Substitutions;
  onChange: (values: Substitutions) => void;
}) {
  const { names, values, onChange } = props;
  if (names.length === 0) return null;
  return (
    <Fieldset legend="Placeholders">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {names.map((name) => (
          <TextInput
            key={name}
            label={name}
            value={String(values[name] ?? "")}
            onChange={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  );
}

export type Substitutions = Readonly<Record<string, string | number | boolean>>;

/**
 * The definition that a text, in JSON or YAML, comes to for its graph. Placeholders without a value stand for their own names.
 * Throws if the text cannot be read.
 */
export const sketch = (text: string, substitutions: Substitutions): unknown =>
  parse(
    text.replace(/\$\{([^!${}][^${}]*)\}/g, (_, name: string) => String(substitutions[name] ?? name)),
    { logLevel: "silent" },
  );
