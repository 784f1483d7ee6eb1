/** asl-validator ships no types. It mutates its input by adding QueryLanguage to states. */
declare module "asl-validator" {
  interface ValidationError {
    readonly "Error code": string;
    readonly Message: string;
    readonly schemaError?: { readonly instancePath: string; readonly schemaPath: string };
  }
  export default function validator(
    definition: unknown,
    options?: { readonly checkPaths: boolean; readonly checkArn: boolean },
  ): { readonly isValid: boolean; readonly errors: readonly ValidationError[] };
}
