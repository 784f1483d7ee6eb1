import { checkStates } from "../../../shared/asl/checks/language.ts";
import { checkReachability, checkStructure } from "../../../shared/asl/checks/structure.ts";
import { readMachine } from "../../../shared/asl/parse/read-machine.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { remember } from "../language/limits/bounded-cache.ts";
import { invalidDefinition, validation } from "../model/errors.ts";
import { jsonProblem } from "../model/payload.ts";
import { type Diagnostic, expressProblems, localProblems, problem } from "./rules.ts";

/** 1 MiB. */
const DEFINITION_LIMIT = 1_048_576;

/** All problems of a definition text for a machine of a type; empty: it can be deployed. */
export const diagnose = (text: string, type: string): Diagnostic[] =>
  type === "EXPRESS" ? diagnosedExpress(text) : diagnosedStandard(text);

const diagnosedStandard = remember(200, diagnosed);
const diagnosedExpress = remember(50, (text: string) => {
  const found = diagnosedStandard(text);
  return found.length > 0 ? found : expressProblems(JSON.parse(text) as JsonObject);
});

function diagnosed(text: string): Diagnostic[] {
  if (text.trim() === "") return [problem("Definition must be a valid JSON object")];
  const syntax = jsonProblem(text);
  if (syntax !== undefined)
    return [
      { severity: "ERROR", code: "INVALID_JSON_DESCRIPTION", message: syntax, location: text.slice(0, 100) },
    ];
  const definition = JSON.parse(text) as Json;
  if (!isJsonObject(definition)) return [problem("Definition must be a valid JSON object")];
  const missing = ["States", "StartAt"].filter((field) => definition[field] === undefined);
  if (missing.length > 0) return [problem(`These fields are required: [${missing.join(", ")}]`, "/")];
  const own = localProblems(definition);
  return own.length > 0 ? own : schemaProblems(definition);
}

/** The compiler's structural checks. The service has a separate code for problems with transitions. */
function schemaProblems(definition: JsonObject): Diagnostic[] {
  const found: Diagnostic[] = [];
  const reportAs = (code: string) => (path: string, message: string) => {
    found.push({ ...problem(message, path === "" ? "/" : `/${path.replaceAll(".", "/")}`), code });
  };
  const machine = readMachine(definition, reportAs("SCHEMA_VALIDATION_FAILED"));
  if (machine !== undefined && found.length === 0)
    checkStructure(machine, reportAs("MISSING_TRANSITION_TARGET"));
  if (machine !== undefined && found.length === 0) checkStates(machine, reportAs("SCHEMA_VALIDATION_FAILED"));
  if (machine !== undefined && found.length === 0)
    checkReachability(machine, reportAs("MISSING_TRANSITION_TARGET"));
  return found;
}

/** Checks a definition's text and returns it. @throws AwsError InvalidDefinition */
export function definitionOf(text: string, type: string): string {
  if (Buffer.byteLength(text) > DEFINITION_LIMIT)
    throw validation(
      "1 validation error detected: Value at 'definition' failed to satisfy constraint: Member must have length less than or equal to 1048576",
    );
  const found = diagnose(text, type).filter((diagnostic) => diagnostic.severity === "ERROR");
  if (found.length === 0) return text;
  throw invalidDefinition(
    found
      .map(
        ({ code, message, location }) =>
          `${code}: ${message}${location === undefined ? "" : ` at ${location}`}`,
      )
      .join(", "),
  );
}
