import * as z from "zod";
import { EVENTS } from "../../shared/model/schemas/events.ts";
import { EVENT_SOURCE } from "../../shared/outbound/ports.ts";

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Returns a schema that allows additional fields, unlike the schema that checks Sluice's own events. */
const jsonSchema = (detail: z.ZodType) => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(detail, {
    reused: "inline",
    override: ({ jsonSchema: part }) => {
      delete part.additionalProperties;
    },
  });
  return schema;
};

const code = (text: string): string => `\`${text}\``;

const typeOf = ({ type, format, enum: values, const: value, properties = {} }: Schema): string => {
  if (value !== undefined) return code(value);
  if (values !== undefined) return values.map(code).join(", ");
  if (type === "object") return `{${Object.keys(properties).join(", ")}}`;
  return format === "date-time" ? "time" : String(type);
};

const fieldRows = ({ properties = {}, required = [] }: Schema): string[] =>
  Object.entries(properties).map(([name, field]) => {
    const shown = required.includes(name) ? code(name) : `${code(name)}?`;
    return `| ${shown} | ${typeOf(field)} | ${field.description ?? ""} |`;
  });

/** Returns a section of Markdown for each event, with its fields. */
export const eventSections = (): string =>
  Object.entries(EVENTS)
    .map(([type, { when, detail }]) =>
      [
        `### ${type}`,
        "",
        when,
        "",
        "| field | value | |",
        "|---|---|---|",
        ...fieldRows(jsonSchema(detail) as Schema),
      ].join("\n"),
    )
    .join("\n\n");

/** Returns the JSON Schema of the events as a rule's target receives them. It allows the fields that EventBridge adds. */
export const eventsSchema = (): string => {
  const oneOf = Object.entries(EVENTS).map(([type, { when, detail }]) => {
    return {
      ...{ title: type, description: when, type: "object" },
      properties: {
        source: { const: EVENT_SOURCE },
        "detail-type": { const: type },
        detail: jsonSchema(detail),
      },
      required: ["source", "detail-type", "detail"],
    };
  });
  const whole = { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Sluice's events", oneOf };
  return `${JSON.stringify(whole, null, 2)}\n`;
};
