import { createRequire } from "node:module";

interface SchemaProblem {
  readonly "Error code": string;
  readonly Message: string;
  readonly schemaError?: { readonly instancePath: string };
}
type Validator = (definition: object) => { readonly errors: readonly SchemaProblem[] };
interface Ajv {
  addKeyword(definition: { readonly keyword: string | readonly string[] }): Ajv;
  getKeyword(name: string): unknown;
}
type AjvConstructor = new (options: object) => Ajv;

const require = createRequire(import.meta.url);
// A CommonJS module whose export is the function itself, which its type declarations do not say to ES modules.
const validator = require("asl-validator") as Validator;
const ajvModule = createRequire(require.resolve("asl-validator"))("ajv") as { default: AjvConstructor };

let shared: Ajv | undefined;

/** An Ajv that lets its plugins be added again. */
function lenient(ajv: Ajv): Ajv {
  const add = ajv.addKeyword.bind(ajv);
  ajv.addKeyword = (definition) => {
    const [name] = [definition.keyword].flat();
    return name !== undefined && ajv.getKeyword(name) === false ? add(definition) : ajv;
  };
  return ajv;
}

/**
 * asl-validator, with one Ajv for all calls. By itself it makes an Ajv and compiles fifteen schemas at every call, a
 * fifth of a second of a processor each time; the schemas and the options never differ. The module's constructor is
 * exchanged for the length of the call only, which is synchronous.
 */
export function validateSchema(definition: object): readonly SchemaProblem[] {
  const original = ajvModule.default;
  function Memoized(options: object): Ajv {
    shared ??= lenient(new original(options));
    return shared;
  }
  ajvModule.default = Memoized as unknown as AjvConstructor;
  try {
    return validator(definition).errors;
  } finally {
    ajvModule.default = original;
  }
}
