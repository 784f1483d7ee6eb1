import { Group, Radio, Stack } from "@mantine/core";

interface ChoiceOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly description?: string | undefined;
  readonly disabled?: boolean;
}

/** Chooses one of a few values. `inRow` puts short labels beside each other. */
export function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly ChoiceOption<Value>[];
  inRow?: boolean;
  onChange: (value: Value) => void;
}) {
  const { label, value, options, inRow = false, onChange } = props;
  const radios = options.map((option) => <Radio key={option.value} {...option} />);
  return (
    <Radio.Group label={label} value={value} onChange={(chosen) => onChange(chosen as Value)}>
      {inRow ? (
        <Group mt={4}>{radios}</Group>
      ) : (
        <Stack gap="xs" mt={4}>
          {radios}
        </Stack>
      )}
    </Radio.Group>
  );
}

export type Version = "same" | "latest";

/** The version of a flow on which runs continue or begin. */
export function VersionChoice(props: {
  value: Version;
  /** The label of the same version. */
  same: string;
  latest?: string;
  onChange: (version: Version) => void;
}) {
  const { value, same, latest = "Latest", onChange } = props;
  const options = [
    { value: "same", label: same },
    { value: "latest", label: latest },
  ] as const;
  return <Choice label="Version" inRow {...{ value, options, onChange }} />;
}
