/** The treatments of a trigger's record while its flow is held. */
export const WHILE_HELD = ["queue", "drop", "latest"] as const;
export type WhileHeld = (typeof WHILE_HELD)[number];

/** The time zone of a trigger that names none. */
export const DEFAULT_TIMEZONE = "UTC";

/** Whether a name is one of the IANA time zone database. */
export const isTimezone = (name: string): boolean => {
  try {
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions() !== undefined;
  } catch {
    return false;
  }
};
