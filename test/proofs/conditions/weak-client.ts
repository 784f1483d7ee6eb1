import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

interface Conditional {
  ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

export interface SentCondition {
  readonly text: string;
  readonly isOrdered: (name: string) => boolean;
}
interface Input extends Conditional {
  TransactItems?: Readonly<Record<string, Conditional>>[];
}

/** Sees each condition that a client sends, and can replace it by a weaker one on its way. */
export class WeakClient {
  #weaker: ((condition: string) => string) | undefined;
  #seen: SentCondition[] | undefined;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next) => (args) => {
        this.#look(args.input as Input);
        return next(args);
      },
      { step: "initialize", priority: "low", name: "weakConditions" },
    );
  }

  /** Returns the conditions that were sent while `during` ran. */
  async watch(during: () => Promise<unknown>): Promise<readonly SentCondition[]> {
    this.#seen = [];
    await during();
    const seen = new Map(this.#seen.map((one) => [one.text, one]));
    this.#seen = undefined;
    return [...seen.values()];
  }

  /** Replaces one condition by another one while `during` runs. */
  async replacing<T>(condition: string, weaker: string, during: () => Promise<T>): Promise<T> {
    this.#weaker = (sent) => (sent === condition ? weaker : sent);
    try {
      return await during();
    } finally {
      this.#weaker = undefined;
    }
  }

  #look(input: Input): void {
    const parts = input.TransactItems?.flatMap((item) => Object.values(item)) ?? [];
    for (const part of [input, ...parts]) {
      if (part.ConditionExpression === undefined) continue;
      const { ConditionExpression: text, ExpressionAttributeValues: values = {} } = part;
      const isOrdered = (name: string) => ["string", "number"].includes(typeof values[name]);
      this.#seen?.push({ text, isOrdered });
      if (this.#weaker !== undefined) part.ConditionExpression = this.#weaker(part.ConditionExpression);
    }
  }
}
