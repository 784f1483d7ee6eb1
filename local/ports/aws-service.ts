/** An AWS service without its wire protocol. The gateway serves it at `/aws/<name>`; faults are injected and calls counted there. */
export interface AwsService {
  call(operation: string, body: unknown): Promise<unknown>;
}
/** An error with the service's own error name and HTTP status. */
export class AwsError extends Error {
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
