/** 256 KiB of UTF-8: the service's limit for an input, output or result. */
export const PAYLOAD_LIMIT = 262_144;
export const tooLarge = (text: string): boolean =>
  text.length > PAYLOAD_LIMIT || Buffer.byteLength(text) > PAYLOAD_LIMIT;

/** Explains why a text is not valid JSON, in the service's wording for the common cases; undefined if it is valid. */
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
