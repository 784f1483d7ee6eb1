const two = (n: number): string => String(n).padStart(2, "0");

/** Epoch milliseconds in the format of a datetime-local input: in the viewer's zone, without naming it. */
export const localTimeText = (time: number): string => {
  const at = new Date(time);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
};
