/** Counts the posted invoices. */
export const handler = async (batch: { results: { posted: boolean }[] }) => ({
  posted: batch.results.filter((result) => result.posted).length,
  reported: batch.results.filter((result) => !result.posted).length,
});
