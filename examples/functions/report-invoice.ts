/** Reports an invoice that could not be posted. */
export const handler = async (invoice: { number: string; problem: { Error: string } }) => ({
  number: invoice.number,
  posted: false,
  problem: invoice.problem.Error,
});
