/** Why a text is no JSON, worded as the service words the common cases; undefined if it is JSON. */
export function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const word = /^\s*([A-Za-z_]\w*)/.exec(text)?.[1];
    return word === undefined
      ? (error as SyntaxError).message
      : `Unrecognized token '${word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  }
}
