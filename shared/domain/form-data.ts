import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Json } from "../model/json.ts";

export interface DataError {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with the data by the form's JSON Schema (2020-12, JSON text); none: it fits. */
export const checkFormData = (form: string, data: Json | undefined): DataError[] => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  try {
    const validate = ajv.compile(JSON.parse(form) as object);
    if (validate(data ?? null)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = "does not fit the form", params }) => ({
      path: `data${instancePath.replaceAll("/", ".")}`,
      message: "additionalProperty" in params ? `${message}: ${params["additionalProperty"]}` : message,
    }));
  } catch (error) {
    return [{ path: "data", message: `The flow's form is no JSON Schema: ${(error as Error).message}` }];
  }
};
