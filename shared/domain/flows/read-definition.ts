import { type Position, readSource } from "../../asl/source/read-source.ts";
import { isPlain, type Substitutions } from "../../asl/source/substitutions.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { FlowSource } from "../../store/flows/versions.ts";
import { invalidDefinition } from "../refusals.ts";

/** A definition with its placeholders filled. */
export interface ReadDefinition {
  readonly value: JsonObject;
  /** Absent if the definition was sent as an object without placeholders. */
  readonly source?: FlowSource;
  /** Returns the position of a path in the user's text. Absent if the definition was sent as an object. */
  readonly place?: ((path: string) => Position) | undefined;
}

/** Reads a definition as it was sent. Throws `invalid_definition` if it cannot be read or a placeholder has no value. */
export const readDefinition = (
  definition: JsonObject | string,
  substitutions: Substitutions = {},
): ReadDefinition => {
  const isText = typeof definition === "string";
  const text = isText ? definition : JSON.stringify(definition, null, 2);
  if (!isText && isPlain(text)) return { value: definition };
  const reading = readSource(text, substitutions);
  if (!reading.ok) {
    // An object has no lines.
    const errors = isText ? reading.errors : reading.errors.map(({ path, message }) => ({ path, message }));
    throw invalidDefinition(errors, reading.unfilled);
  }
  const isUsed = Object.keys(substitutions).length > 0;
  return {
    value: reading.definition,
    source: { text, ...(isUsed ? { substitutions } : {}) },
    ...(isText ? { place: reading.place } : {}),
  };
};
