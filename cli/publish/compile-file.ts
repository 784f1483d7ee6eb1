import { compileTemplate } from "../../shared/asl/template.ts";
import { CliFailure, EXIT } from "../failure.ts";
import { readText } from "../terminal/read-json.ts";
import { flowIdOf } from "./what-to-publish.ts";

interface FileToCompile {
  readonly file: string;
  /** The flow's id, if the file's name is not it. */
  readonly flow: string | undefined;
  readonly set: Readonly<Record<string, string>>;
  readonly whenUnreachable: "pass" | "fail" | undefined;
}

interface CompiledFile {
  readonly flowId: string;
  readonly text: string;
  readonly warnings: readonly string[];
  readonly open: readonly string[];
}

/** Compiles a file for the template that deploys it. Throws the compiler's errors with their positions in the file. */
export const compileFile = async ({
  file,
  flow,
  set,
  whenUnreachable,
}: FileToCompile): Promise<CompiledFile> => {
  const flowId = flowIdOf(file, "Give the id with --flow <flowId>.", flow);
  const result = compileTemplate({
    ...{ text: await readText(file), substitutions: set, flowId },
    ...(whenUnreachable === undefined ? {} : { whenUnreachable }),
  });
  if (result.ok) return { flowId, ...result };
  const name = file === "-" ? "stdin" : file;
  throw new CliFailure(EXIT.invalid, {
    code: "invalid_definition",
    detail: `${name} was not compiled.`,
    errors: result.errors.map((error) => ({ ...error, file: name })),
  });
};
