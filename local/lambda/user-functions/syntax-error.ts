import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { failure, type Outcome } from "../outcome.ts";

/**
 * Reports a file that cannot be parsed as Lambda does, with the file and the line in the message. Node.js names them for TypeScript and
 * CommonJS, but not for ES modules in JavaScript: those are parsed once more.
 *
 * @param files the absolute paths of the function's file and of what it imports
 */
export function syntaxFailure(error: SyntaxError, files: Iterable<string>): Outcome {
  const excerpt = excerptOf(error) ?? reparsed(files);
  const place = excerpt && ` (${excerpt[0]})`;
  const message = `SyntaxError: ${error.message}${place ?? ""}`;
  return failure("Runtime.UserCodeSyntaxError", message, excerpt);
}

/** Returns `<path>:<line>` and the lines of code beneath it, with which Node.js begins the stack of an error that it could place. */
function excerptOf({ stack = "" }: SyntaxError): readonly string[] | undefined {
  const [place = "", ...rest] = stack.split("\n");
  const [, url, line] = /^(\/\S.*|file:\S+|[A-Za-z]:\\.*):(\d+)$/.exec(place) ?? [];
  if (url === undefined) return undefined;
  const path = url.startsWith("file:") ? fileURLToPath(url) : url.replace(/\?.*$/, "");
  const end = rest.findIndex((text) => text.trim() === "" || text.startsWith("SyntaxError"));
  return [`${path}:${line}`, ...rest.slice(0, end)];
}

/** Finds the first of the files that is not valid, by the parser with which Node.js strips types. */
function reparsed(files: Iterable<string>): readonly string[] | undefined {
  for (const file of files)
    try {
      stripTypeScriptTypes(readFileSync(file, "utf8"), { sourceUrl: file });
    } catch (error) {
      if (error instanceof SyntaxError) return excerptOf(error);
    }
  return undefined;
}
