/**
 * Returns the readable part of an error's cause: the message of a Lambda function's error, which is JSON with a stack trace that
 * a list may have cut short. Any other cause is returned unchanged.
 */
export const causeMessage = (cause: string): string => {
  const [, text, end] = /^\{.*?"errorMessage":"((?:[^"\\]|\\.)*)("?)/s.exec(cause) ?? [];
  if (text === undefined) return cause;
  try {
    return `${JSON.parse(`"${text}"`)}${end === "" ? "…" : ""}`;
  } catch {
    return cause;
  }
};
