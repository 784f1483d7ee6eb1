let offset = 0;

/** Reads the server's time from an answer, so that countdowns are right even if the computer's clock is wrong. */
export const learnServerTime = (answer: Response): void => {
  const date = Date.parse(answer.headers.get("date") ?? "");
  // The header has a precision of one second.
  if (Number.isFinite(date) && Math.abs(date - Date.now() - offset) > 1_500) offset = date - Date.now();
};

/** The server's time in epoch milliseconds. */
export const serverNow = (): number => Date.now() + offset;
