import { readSource } from "../../../shared/asl/source/read-source.ts";
import { placeholdersIn, type Substitutions } from "../../../shared/asl/source/substitutions.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";

/**
 * Finds the values of a text's placeholders by comparing the text with the filled definition. Placeholders that do not appear in the
 * definition are left out.
 */
export function substitutionValues(text: string, filled: JsonObject): Substitutions {
  const names = [...new Set(placeholdersIn(text).map(({ name }) => name))];
  const marks = new Map(names.map((name, index) => [`Placeholder${index}Mark`, name]));
  const marked = Object.fromEntries([...marks].map(([mark, name]) => [name, mark]));
  const reading = readSource(withQuotes(text), marked);
  const found = new Map<string, string>();
  if (reading.ok) align(reading.definition, filled, marks, found);
  return Object.fromEntries(found);
}

/** In JSON, puts quotes around placeholders that stand for a whole value, so that they can be replaced by a mark. */
function withQuotes(text: string): string {
  if (!text.trimStart().startsWith("{")) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|\$\{[^{}]*\}/gs, (part) =>
    part.startsWith('"') ? part : `"${part}"`,
  );
}

type Marks = ReadonlyMap<string, string>;

function align(written: Json, filled: Json | undefined, marks: Marks, found: Map<string, string>): void {
  if (filled === undefined) return;
  if (typeof written === "string") alignText(written, filled, marks, found);
  else if (Array.isArray(written) && Array.isArray(filled))
    for (const [index, item] of written.entries()) align(item, filled[index], marks, found);
  else if (isJsonObject(written) && isJsonObject(filled)) {
    const others = new Set(Object.keys(filled).filter((name) => !Object.hasOwn(written, name)));
    for (const [name, value] of Object.entries(written)) {
      const other = Object.hasOwn(filled, name)
        ? name
        : [...others].find((candidate) => alignText(name, candidate, marks, found));
      if (other === undefined) continue;
      others.delete(other);
      align(value, filled[other], marks, found);
    }
  }
}

/** Whether the filled value can result from the text. */
function alignText(written: string, filled: Json, marks: Marks, found: Map<string, string>): boolean {
  const alone = marks.get(written);
  if (alone !== undefined) {
    if (!found.has(alone)) found.set(alone, typeof filled === "string" ? filled : JSON.stringify(filled));
    return true;
  }
  if (typeof filled !== "string") return false;
  const parts = written.split(/(Placeholder\d+Mark)/);
  const names = parts.flatMap((part) => marks.get(part) ?? []);
  const pattern = parts.map((part) => (marks.has(part) ? "(.*)" : literally(part))).join("");
  const match = new RegExp(`^${pattern}$`, "s").exec(filled);
  if (match === null || names.length === 0) return false;
  for (const [index, name] of names.entries()) if (!found.has(name)) found.set(name, match[index + 1] ?? "");
  return true;
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
