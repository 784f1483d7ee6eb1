import type { Json } from "../../shared/model/json/json.ts";
import type { LambdaInvoker, LambdaRequest, LambdaResponse } from "../ports/services.ts";
import type { Behaviour } from "./case.ts";

/** The function's name in a name, ARN or partial ARN, without the version. */
export const functionNameOf = (name: string): string =>
  /(?:^|:)function:([^:]+)/.exec(name)?.[1] ?? name.split(":")[0] ?? name;

/** The service's wording. */
const notFound = (name: string): string =>
  `Function not found: arn:aws:lambda:us-east-1:123456789012:function:${name}:$LATEST`;

const functionError = (errorType: string, errorMessage: string): LambdaResponse => ({
  ok: false,
  errorType,
  payload: JSON.stringify({ errorMessage, errorType, trace: [] }),
});

/** A case's functions. Delays follow the given clock. */
export class CaseLambdas implements LambdaInvoker {
  readonly #behaviours: Readonly<Record<string, Behaviour>>;
  readonly #calls = new Map<string, number>();
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(
    behaviours: Readonly<Record<string, Behaviour>>,
    sleep: (milliseconds: number) => Promise<void>,
  ) {
    this.#behaviours = behaviours;
    this.#sleep = sleep;
  }

  async invoke(request: LambdaRequest): Promise<LambdaResponse> {
    const name = functionNameOf(request.functionName);
    const behaviour = this.#behaviours[name];
    if (behaviour === undefined)
      return {
        ok: "service-error",
        name: "Lambda.ResourceNotFoundException",
        message: notFound(name),
      };
    const call = this.#calls.get(name) ?? 0;
    this.#calls.set(name, call + 1);
    return this.#behave(behaviour, request.payload, call);
  }

  async #behave(behaviour: Behaviour, payload: string, call: number): Promise<LambdaResponse> {
    if (behaviour === "echo") return this.#returned(JSON.parse(payload) as Json);
    if ("sequence" in behaviour) {
      const one = behaviour.sequence[Math.min(call, behaviour.sequence.length - 1)];
      return one === undefined ? this.#returned(null) : this.#behave(one, payload, call);
    }
    if (behaviour.delayMs) await this.#sleep(behaviour.delayMs);
    if (behaviour.throw) return functionError(behaviour.throw.errorType, behaviour.throw.errorMessage);
    return this.#returned(behaviour.return ?? null);
  }

  #returned(value: Json): LambdaResponse {
    return { ok: true, payload: JSON.stringify(value), executedVersion: "$LATEST" };
  }
}
