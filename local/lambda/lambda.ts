import { CONNECTION_RESET, type Faults } from "../aws/faults.ts";
import { functionArn, functionNameOf, qualifierOf } from "../aws/function-name.ts";
import type { Roles } from "../iam/roles.ts";
import type { Usage } from "../metering/usage.ts";
import type { Activity } from "../ports/clock.ts";
import { AwsError, type LambdaInvoker, type LambdaRequest, type LambdaResponse } from "../ports/services.ts";
import type { Outcome } from "./outcome.ts";
import { OWN_PREFIX, type OwnFunctions } from "./own-functions.ts";
import type { UserFunctions } from "./user-functions/user-functions.ts";

interface Parts {
  readonly own: OwnFunctions;
  readonly user: UserFunctions;
  readonly usage: Usage;
  readonly faults: Faults;
  readonly activity: Activity;
  readonly roles: Roles;
}

/** The Lambda service, which every invocation passes through. */
export class Lambda implements LambdaInvoker {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  has(name: string): boolean {
    return name.startsWith(OWN_PREFIX) ? this.#parts.own.has(name) : this.#parts.user.has(name);
  }

  names(): readonly string[] {
    return [...this.#parts.own.names(), ...this.#parts.user.names()];
  }

  /** Invokes a function for Step Functions, Scheduler, the event bus and API clients; faults of `Invoke` apply. */
  async invoke({ functionName, payload, roleArn, call }: LambdaRequest): Promise<LambdaResponse> {
    try {
      const name = this.resolve(functionName);
      if (roleArn !== undefined && name.startsWith(OWN_PREFIX)) this.#parts.roles.checkCall(roleArn, name);
      const outcome = await this.#parts.faults.around("lambda", "Invoke", () =>
        this.run(name, payload, qualifierOf(functionName), call),
      );
      return outcome.ok ? { ...outcome, executedVersion: "$LATEST" } : outcome;
    } catch (error) {
      const { name, message } =
        error instanceof AwsError ? error : new AwsError("ServiceException", String(error), 500);
      const shown = name === CONNECTION_RESET ? "SdkClientException" : name;
      return { ok: "service-error", name: shown.includes(".") ? shown : `Lambda.${shown}`, message };
    }
  }

  /** @throws AwsError if there is no such function */
  resolve(reference: string): string {
    const name = functionNameOf(reference);
    if (name === undefined) {
      throw new AwsError(
        "ValidationException",
        `1 validation error detected: '${reference}' is not a function's name or ARN`,
      );
    }
    if (!this.has(name)) throw new AwsError("ResourceNotFoundException", notFound(name), 404);
    return name;
  }

  /** Deletes one of Sluice's functions. A user's function is a file. */
  delete(reference: string): void {
    const name = this.resolve(reference);
    if (!name.startsWith(OWN_PREFIX))
      throw new AwsError("InvalidParameterValueException", `Delete the file of the function ${name} instead`);
    this.#parts.own.delete(name);
  }

  /** Runs an existing function, without faults. */
  async run(name: string, payload: string, qualifier?: string, call?: string): Promise<Outcome> {
    const { own, user, usage, activity } = this.#parts;
    const done = activity.begin();
    try {
      usage.lambdaInvocation(name);
      const outcome = name.startsWith(OWN_PREFIX)
        ? await own.invoke(name, payload, qualifier)
        : await user.invoke(name, payload, call);
      if (outcome !== undefined) return outcome;
      throw new AwsError("ResourceNotFoundException", notFound(name), 404);
    } finally {
      done();
    }
  }
}

/** The service names the version, even if the caller did not. */
const notFound = (name: string): string => `Function not found: ${functionArn(name)}:$LATEST`;
