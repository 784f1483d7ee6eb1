/**
 * Returns an external string in a form that may be stored: valid Unicode, of at most `max` UTF-16 units, cut between two
 * characters. DynamoDB rejects half of a surrogate pair, which a cut by units could leave.
 */
export const cutText = (text: string, max: number): string => {
  const sound = text.toWellFormed();
  if (sound.length <= max) return sound;
  const cut = sound.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
};
