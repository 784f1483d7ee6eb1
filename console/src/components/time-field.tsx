import { TextInput } from "@mantine/core";
import { localTimeText } from "./format.ts";

/** Returns the time in a field's text, in epoch milliseconds; undefined if it is empty. */
export const timeIn = (text: string): number | undefined =>
  text === "" ? undefined : new Date(text).getTime();

/** Returns the time as a request takes it; undefined without one. */
export const isoIn = (time: number | undefined): string | undefined =>
  time === undefined || Number.isNaN(time) ? undefined : new Date(time).toISOString();

/** Says why a time is not possible; undefined if it is, or if it is not given. */
export const timeFault = (
  time: number | undefined,
  after: number,
  latest: number,
  tooLate: string,
): string | undefined => {
  if (time === undefined) return undefined;
  if (Number.isNaN(time)) return "Must be a date and a time";
  if (time > latest) return tooLate;
  return time <= after ? "Must be later" : undefined;
};

/** A field for a time between `after` and `latest` (epoch milliseconds), in the viewer's zone. */
export function TimeField(props: {
  label: string;
  description: string;
  value: string;
  after: number;
  latest: number;
  fault: string | undefined;
  onChange: (text: string) => void;
}) {
  const { label, description, value, after, latest, fault, onChange } = props;
  return (
    <TextInput
      type="datetime-local"
      label={label}
      description={description}
      value={value}
      min={localTimeText(after)}
      max={localTimeText(latest)}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
