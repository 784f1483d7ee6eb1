import { type Schema, Validator } from "@cfworker/json-schema";
import { Button, Group } from "@mantine/core";
import Form from "@rjsf/mantine";
import { type RJSFSchema, type RJSFValidationError, toErrorSchema, type ValidatorType } from "@rjsf/utils";
import { useMemo, useState } from "react";
import type { Json } from "../../../../shared/model/json/json.ts";
import { drawnFields, drawnSchema, onePerProperty } from "./form-schema.ts";

/** The data without the fields that the form has drawn and nobody has filled in: to the validator, a field that is undefined is an error. */
const asJson = (data: unknown): unknown => JSON.parse(JSON.stringify(data ?? null));

/**
 * Checks a form as it is filled in. The usual validator compiles schemas to code, which the page's Content-Security-Policy
 * forbids; this one interprets them. The server's check is authoritative.
 */
const check = (schema: RJSFSchema, data: unknown) =>
  new Validator(schema as Schema, "2020-12", false).validate(asJson(data));

/** Keywords that only report failures inside them. */
const CARRIERS = new Set(["properties", "items", "prefixItems", "allOf", "$ref", "if", "then", "else"]);

/** Turns `#/a/0/b` into the form's own notation, `.a.0.b`. */
const propertyOf = (instanceLocation: string): string =>
  instanceLocation
    .replace(/^#/, "")
    .split("/")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");

const errorsOf = (schema: RJSFSchema, data: unknown): RJSFValidationError[] =>
  onePerProperty(
    check(schema, data)
      .errors.filter(({ keyword }) => !CARRIERS.has(keyword))
      .map(({ keyword, error, instanceLocation }) => {
        const missing = keyword === "required" ? /"([^"]+)"/.exec(error)?.[1] : undefined;
        const property = propertyOf(instanceLocation);
        return {
          name: keyword,
          property: missing === undefined ? property : `${property}.${missing}`,
          message: missing === undefined ? error : "Required",
          stack: error,
        };
      }),
  );

const formValidator: ValidatorType<unknown, RJSFSchema> = {
  // What is not answered yet matches no option, also none that allows null.
  isValid: (schema, data) => data !== undefined && check(schema, data).valid,
  rawValidation: (schema, data) => ({ errors: errorsOf(schema, data) as never[] }),
  validateFormData: (data, schema) => {
    const errors = errorsOf(schema, data);
    return { errors, errorSchema: toErrorSchema(errors) };
  },
};

export interface SchemaFormProps {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly busy: boolean;
  readonly onSubmit: (data: Json) => void;
}

/** The fields show their errors themselves. */
const TEMPLATES = { FieldErrorTemplate: () => null };

/** Without a handler, the library writes errors to the browser's console. */
const ignore = () => undefined;

/** Only what the form's author or the person has chosen is an answer: the first of several options is not. */
const NOTHING_CHOSEN = { constAsDefaults: "never" } as const;

/** A form drawn from its JSON Schema. The service validates the answer again. */
export default function SchemaForm({ schema, busy, onSubmit }: SchemaFormProps) {
  const [data, setData] = useState<unknown>();
  const drawn = useMemo(() => drawnSchema(schema), [schema]);
  const fields = useMemo(() => drawnFields(drawn), [drawn]);
  return (
    <Form
      schema={drawn}
      uiSchema={fields}
      experimental_defaultFormStateBehavior={NOTHING_CHOSEN}
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
