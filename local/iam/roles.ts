import { functionArn } from "../aws/function-name.ts";
import { AwsError } from "../ports/services.ts";

/** The roles of state machines. The stack checks only one permission: calling Sluice's functions. By default, every role may. */
export class Roles {
  readonly #denied = new Set<string>();

  /** Sets whether a role may call Sluice's functions. */
  set(roleArn: string, mayCall: boolean): void {
    if (mayCall) this.#denied.delete(roleArn);
    else this.#denied.add(roleArn);
  }

  mayCall(roleArn: string): boolean {
    return !this.#denied.has(roleArn);
  }

  /** @throws AwsError with the name that Step Functions reports for a call that a role may not make */
  checkCall(roleArn: string, functionName: string): void {
    if (this.mayCall(roleArn)) return;
    throw new AwsError(
      "AWSLambdaException",
      `User: ${roleArn} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn(functionName)} because no identity-based policy allows the lambda:InvokeFunction action`,
      403,
    );
  }
}
