import { Button, Group } from "@mantine/core";
import Form from "@rjsf/mantine";
import type { RJSFSchema } from "@rjsf/utils";
import { useState } from "react";
import type { Json } from "../../../../shared/model/json/json.ts";
import { formValidator } from "./form-validator.ts";

export interface SchemaFormProps {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly busy: boolean;
  readonly onSubmit: (data: Json) => void;
}

/** The fields show their errors themselves. */
const TEMPLATES = { FieldErrorTemplate: () => null };

/** Without a handler, the library writes errors to the browser's console. */
const ignore = () => undefined;

/** A form drawn from its JSON Schema. The service validates the answer again. */
export default function SchemaForm({ schema, busy, onSubmit }: SchemaFormProps) {
  const [data, setData] = useState<unknown>();
  return (
    <Form
      schema={schema as RJSFSchema}
      validator={formValidator}
      formData={data}
      onChange={(event) => setData(event.formData)}
      onSubmit={(event) => onSubmit((event.formData ?? {}) as Json)}
      templates={TEMPLATES}
      onError={ignore}
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
