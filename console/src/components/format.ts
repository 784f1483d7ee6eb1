/** A number of things: `1 run`, `1,200 runs`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;

const two = (n: number): string => String(n).padStart(2, "0");

/** Epoch milliseconds in the format of a datetime-local input: in the viewer's zone, without naming it. */
export const localTimeText = (time: number): string => {
  const at = new Date(time);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
};
