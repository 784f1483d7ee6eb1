interface Invoice {
  number: string;
  total: number;
}

/** Simulates a query of the billing system. */
export const handler = async (batch: { count?: number }): Promise<Invoice[]> =>
  Array.from({ length: batch.count ?? 10 }, (_, i) => ({
    number: `INV-${i + 1}`,
    total: i === 3 ? -1 : 100 + i,
  }));
