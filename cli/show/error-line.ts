import type { FieldError } from "../../shared/model/api/problem.ts";

/** `file:line:column: path: message`, as far as these are known. */
export const errorLine = (file: string, { path, message, line, column }: FieldError): string => {
  const position = line === undefined ? file : `${file}:${line}:${column}`;
  return [position, ...(path === "" ? [] : [path]), message].join(": ");
};
