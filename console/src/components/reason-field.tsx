import { TextInput } from "@mantine/core";

/** An optional reason for the audit trail. */
export function ReasonField(props: {
  label?: string;
  value: string;
  onChange: (reason: string) => void;
  autoFocus?: boolean;
}) {
  const { label = "Reason (optional)", value, onChange, autoFocus = false } = props;
  return (
    <TextInput
      label={label}
      value={value}
      maxLength={1_000}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...(autoFocus ? { "data-autofocus": true } : {})}
    />
  );
}
