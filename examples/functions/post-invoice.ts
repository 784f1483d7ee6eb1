class InvalidInvoice extends Error {
  override readonly name = "InvalidInvoice";
}

/** Posts one invoice to the ledger. */
export const handler = async (invoice: { number: string; total: number }) => {
  if (invoice.total < 0) throw new InvalidInvoice(`${invoice.number} has a negative total`);
  return { number: invoice.number, posted: true };
};
