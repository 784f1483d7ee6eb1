import ajvModule from "ajv";
import aslValidator from "asl-validator";

type Ajv = InstanceType<typeof ajvModule.default>;
interface SchemaProblem {
  readonly "Error code": string;
  readonly Message: string;
  readonly schemaError?: { readonly instancePath: string };
}
/** The object from which asl-validator reads its Ajv constructor at each call. */
const ajvExports: { default: unknown } = ajvModule;

let shared: Ajv | undefined;

/** Lets plugins be added more than once. */
const lenient = (ajv: Ajv): Ajv => {
  const add = ajv.addKeyword.bind(ajv);
  ajv.addKeyword = (definition) => {
    const keyword = typeof definition === "string" ? definition : [definition.keyword].flat()[0];
    return keyword !== undefined && ajv.getKeyword(keyword) === false ? add(definition) : ajv;
  };
  return ajv;
};

/**
 * Runs asl-validator with one Ajv for all calls. On its own it compiles fifteen schemas at every call, which takes a fifth of a
 * second, although schemas and options never differ. The constructor is replaced only during the call, which is synchronous.
 * Mutates `definition`.
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
    // asl-validator looks for `States` at any depth and throws where one is not an object of objects.
    return [{ "Error code": "SCHEMA_VALIDATION_FAILED", Message: `It cannot be read: ${String(error)}` }];
  } finally {
    ajvExports.default = original;
  }
};
