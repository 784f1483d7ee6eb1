import { expect, test } from "vitest";
import { drawnFields, drawnSchema, onePerProperty } from "./form-schema.ts";

const size = {
  oneOf: [
    { const: "s", title: "Small" },
    { const: "l", title: "Large" },
  ],
};

test("a choice among constants gets their type, wherever it is", () => {
  const schema = {
    type: "object",
    properties: {
      size,
      count: { enum: [1, 2] },
      agreed: { anyOf: [{ const: true }, { const: false }] },
      many: { type: "array", items: size },
      named: { $ref: "#/$defs/size" },
    },
    $defs: { size },
  };
  expect(drawnSchema(schema)).toEqual({
    ...schema,
    properties: {
      ...schema.properties,
      size: { ...size, type: "string" },
      count: { enum: [1, 2], type: "number" },
      agreed: { ...schema.properties.agreed, type: "boolean" },
      many: { type: "array", items: { ...size, type: "string" } },
    },
    $defs: { size: { ...size, type: "string" } },
  });
});

test("other choices stay as their author wrote them", () => {
  const mixed = { oneOf: [{ const: "s" }, { const: 1 }] };
  for (const schema of [mixed, { type: "string", ...size }, { enum: [] }, { oneOf: [{ const: null }] }])
    expect(drawnSchema(schema)).toEqual(schema);
});

test("a choice among shapes begins with none of them, which no answer matches", () => {
  const card = { title: "Card", properties: { saved: { type: "boolean" } } };
  const none = { title: "Choose one", type: "null", not: {} };
  const schema = {
    properties: { pay: { oneOf: [card, { type: "null" }] }, told: { anyOf: [card], default: {} } },
  };
  const drawn = drawnSchema(schema);
  expect(drawn).toEqual({
    properties: { ...schema.properties, pay: { oneOf: [none, card, { type: "null", title: "None" }] } },
  });
  expect(drawnFields(drawn)).toEqual({
    pay: { oneOf: [{}, { saved: { "ui:widget": "radio" } }, {}] },
  });
});

test("a boolean is answered with yes or no", () => {
  const boolean = { type: "boolean" };
  const schema = {
    properties: {
      agreed: boolean,
      inner: { properties: { again: boolean, name: { type: "string" } } },
      list: { items: { properties: { each: boolean } } },
      name: { type: "string" },
    },
  };
  const radio = { "ui:widget": "radio" };
  expect(drawnFields(schema)).toEqual({
    agreed: radio,
    inner: { again: radio },
    list: { items: { each: radio } },
  });
});

test("a property has one message, the one that helps", () => {
  const fault = (property: string, name: string) => ({ property, name, message: `${property} ${name}` });
  expect(
    onePerProperty([
      fault(".size", "const"),
      fault(".size", "oneOf"),
      fault(".size", "const"),
      fault(".name", "minLength"),
      fault(".name", "required"),
      fault(".age", "type"),
      fault(".age", "minimum"),
    ]).map(({ message }) => message),
  ).toEqual([".size oneOf", ".name required", ".age type"]);
});
