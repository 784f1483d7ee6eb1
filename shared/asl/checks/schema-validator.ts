import ajvModule from "ajv";
import aslValidator from "asl-validator";

type Ajv = InstanceType<typeof ajvModule.default>;
interface SchemaProblem {
  readonly "Error code": string;
  readonly Message: string;
  readonly schemaError?: { readonly instancePath: string };
}
/** What asl-validator reads its constructor from, at each call. */
const ajvExports: { default: unknown } = ajvModule;

let shared: Ajv | undefined;

/** An Ajv that lets its plugins be added again. */
const lenient = (ajv: Ajv): Ajv => {
  const add = ajv.addKeyword.bind(ajv);
  ajv.addKeyword = (definition) => {
    const keyword = typeof definition === "string" ? definition : [definition.keyword].flat()[0];
    return keyword !== undefined && ajv.getKeyword(keyword) === false ? add(definition) : ajv;
  };
  return ajv;
};

/**
 * asl-validator, with one Ajv for all calls. By itself it makes an Ajv and compiles fifteen schemas at every call, a fifth of a second
 * of a processor each time; the schemas and the options never differ. The constructor is exchanged for the length of the call only,
 * which is synchronous. The validator writes into what it is given.
 */
export const validateSchema = (definition: object): readonly SchemaProblem[] => {
  const original = ajvExports.default;
  ajvExports.default = function Memoized(options: object): Ajv {
    shared ??= lenient(new ajvModule.Ajv(options));
    return shared;
  };
  try {
    return aslValidator(definition, { checkPaths: true, checkArn: true }).errors;
  } catch (error) {
    // It looks for `States` at any depth and trips over one that is no object of objects, in a comment say.
    return [{ "Error code": "SCHEMA_VALIDATION_FAILED", Message: `It cannot be read: ${String(error)}` }];
  } finally {
    ajvExports.default = original;
  }
};
