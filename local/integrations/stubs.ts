import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isJsonObject, type Json } from "../../shared/model/json/json.ts";
import { functionNameOf } from "../aws/function-name.ts";
import { OWN_PREFIX } from "../lambda/own-functions.ts";
import type { UserFunctions } from "../lambda/user-functions/user-functions.ts";
import type { IntegrationAnswer, IntegrationCall } from "../ports/services.ts";

/** Names of the files that can answer a call, without their extension; the first that exists is used. */
export function stubNames({ service, action, pattern }: Omit<IntegrationCall, "parameters">): string[] {
  const name = `${service.replace(":", ".")}.${action}`;
  return pattern === undefined
    ? [name]
    : [`${name}.${pattern.replace(":", ".")}`, `${name}.${pattern.split(":")[0]}`, name];
}

/** A stub of `lambda:invoke` does not answer for Sluice's own functions, since the gates of every flow are among them. */
const callsOwnFunction = ({ service, parameters }: IntegrationCall): boolean =>
  service === "lambda" &&
  isJsonObject(parameters) &&
  functionNameOf(String(parameters["FunctionName"]))?.startsWith(OWN_PREFIX) === true;

/** The user's stubs: a folder with one file for each integration, a JSON value or a function. */
export class Stubs {
  readonly #folder: string;
  readonly #functions: UserFunctions;

  constructor(folder: string, functions: UserFunctions) {
    this.#folder = resolve(folder);
    this.#functions = functions;
  }

  /** Returns undefined if there is no stub for the call, or if a function leaves the answer to a task token to others. */
  async answer(call: IntegrationCall): Promise<IntegrationAnswer | undefined> {
    if (callsOwnFunction(call)) return undefined;
    for (const name of stubNames(call)) {
      const answer = this.#functions.has(name) ? await this.#run(name, call) : this.#read(name);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  async #run(name: string, { parameters, pattern }: IntegrationCall): Promise<IntegrationAnswer | undefined> {
    const outcome = await this.#functions.invoke(name, JSON.stringify(parameters));
    if (outcome === undefined) return undefined;
    if (!outcome.ok) {
      const { errorMessage } = JSON.parse(outcome.payload) as { errorMessage?: string };
      return { kind: "failure", error: outcome.errorType, cause: errorMessage ?? "" };
    }
    const output = JSON.parse(outcome.payload) as Json;
    // Nothing returned for a task token: the stub, or someone else, sends the answer.
    return {
      kind: "output",
      output,
      settles: pattern !== undefined && !(pattern === "waitForTaskToken" && output === null),
    };
  }

  #read(name: string): IntegrationAnswer | undefined {
    const file = join(this.#folder, `${name}.json`);
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return undefined;
    }
    try {
      return { kind: "output", output: JSON.parse(text) as Json, settles: true };
    } catch (error) {
      throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
