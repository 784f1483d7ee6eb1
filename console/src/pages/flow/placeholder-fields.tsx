import { Fieldset, SimpleGrid, TextInput } from "@mantine/core";
import type { Substitutions } from "../../editor/placeholders.ts";

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
