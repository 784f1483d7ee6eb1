/**
 * Returns a text from outside as it may be stored: valid Unicode, of at most `max` UTF-16 units, and cut between two characters. Half of
 * a surrogate pair, as a cut by units leaves it, is refused by DynamoDB.
 */
export const cutText = (text: string, max: number): string => {
  const sound = text.toWellFormed();
  if (sound.length <= max) return sound;
  const cut = sound.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
};
