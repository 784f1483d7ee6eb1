interface Consumption {
  readUnits: number;
  writeUnits: number;
  calls: number;
}
export interface UsageReport {
  readonly stateTransitions: number;
  readonly lambdaInvocations: Readonly<Record<string, number>>;
  readonly dynamodb: Readonly<Consumption> & {
    readonly byFunction: Readonly<Record<string, Readonly<Consumption>>>;
  };
  readonly stepFunctions: Readonly<Record<string, number>>;
  readonly scheduler: Readonly<Record<string, number>>;
}

const nothing = (): Consumption => ({ readUnits: 0, writeUnits: 0, calls: 0 });

/** Counts the usage that AWS would bill. */
export class Usage {
  #stateTransitions = 0;
  #lambda = new Map<string, number>();
  #stepFunctions = new Map<string, number>();
  #scheduler = new Map<string, number>();
  #total = nothing();
  #byFunction = new Map<string, Consumption>();

  stateTransition(): void {
    this.#stateTransitions += 1;
  }

  lambdaInvocation(functionName: string): void {
    count(this.#lambda, functionName);
  }

  /** Counts a call of a service that AWS bills or limits by call. */
  call(service: string, operation: string): void {
    if (service === "states") count(this.#stepFunctions, operation);
    if (service === "scheduler") count(this.#scheduler, operation);
  }

  /** Counts a DynamoDB call by one of Sluice's own functions. */
  dynamodb(functionName: string, units: { readonly readUnits: number; readonly writeUnits: number }): void {
    const own = this.#byFunction.get(functionName) ?? nothing();
    this.#byFunction.set(functionName, own);
    for (const sum of [this.#total, own]) {
      sum.calls += 1;
      sum.readUnits += units.readUnits;
      sum.writeUnits += units.writeUnits;
    }
  }

  report(): UsageReport {
    return {
      stateTransitions: this.#stateTransitions,
      lambdaInvocations: Object.fromEntries(this.#lambda),
      dynamodb: { ...this.#total, byFunction: Object.fromEntries(this.#byFunction) },
      stepFunctions: Object.fromEntries(this.#stepFunctions),
      scheduler: Object.fromEntries(this.#scheduler),
    };
  }

  reset(): void {
    this.#stateTransitions = 0;
    for (const counts of [this.#lambda, this.#stepFunctions, this.#scheduler, this.#byFunction])
      counts.clear();
    this.#total = nothing();
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
