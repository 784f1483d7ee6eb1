let offset = 0;

/** Learns the server's clock from an answer: countdowns must not follow a computer whose clock is wrong. */
export const learnServerTime = (answer: Response): void => {
  const date = Date.parse(answer.headers.get("date") ?? "");
  // The header is exact to the second; less than that is no difference.
  if (Number.isFinite(date) && Math.abs(date - Date.now() - offset) > 1_500) offset = date - Date.now();
};

/** Epoch milliseconds by the server's clock. */
export const serverNow = (): number => Date.now() + offset;
