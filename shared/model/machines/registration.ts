/** The names of the placeholders that the compiled text of a template has for what only a registration knows. */
export const REGISTRATION_PLACEHOLDERS = [
  "SluiceIncarnation",
  "SluiceVersion",
  "SluiceGate",
  "SluicePark",
  "SluicePartition",
] as const;

/** Their values: the identity of the version, and the names of the functions that its gates call. */
export type RegistrationValues = Readonly<Record<(typeof REGISTRATION_PLACEHOLDERS)[number], string>>;
