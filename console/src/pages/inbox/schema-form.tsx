import { Button, Group } from "@mantine/core";
import Form from "@rjsf/mantine";
import type { RJSFSchema } from "@rjsf/utils";
import { useState } from "react";
import { formValidator } from "./form-validator.ts";

export interface SchemaFormProps {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly busy: boolean;
  readonly onSubmit: (data: unknown) => void;
}

/** The fields tell their errors themselves. */
const TEMPLATES = { FieldErrorTemplate: () => null };

/** The fields show what is wrong; without a handler the library writes it to the console. */
const shown = () => undefined;

/** A form drawn from its JSON Schema. What it lets through the server checks once more. */
export default function SchemaForm({ schema, busy, onSubmit }: SchemaFormProps) {
  const [data, setData] = useState<unknown>();
  return (
    <Form
      schema={schema as RJSFSchema}
      validator={formValidator}
      formData={data}
      onChange={(event) => setData(event.formData)}
      onSubmit={(event) => onSubmit(event.formData ?? {})}
      templates={TEMPLATES}
      onError={shown}
      showErrorList={false}
      noHtml5Validate
    >
      <Group mt="sm">
        <Button type="submit" loading={busy}>
          Submit
        </Button>
      </Group>
    </Form>
  );
}
