import { Group, Radio } from "@mantine/core";

export type Version = "same" | "latest";

/** The version of the flow on which something continues or begins. */
export function VersionChoice(props: { value: Version; same: string; onChange: (version: Version) => void }) {
  const { value, same, onChange } = props;
  return (
    <Radio.Group
      label="Version"
      value={value}
      onChange={(version) => onChange(version === "latest" ? "latest" : "same")}
    >
      <Group mt={4}>
        <Radio value="same" label={same} />
        <Radio value="latest" label="Latest" />
      </Group>
    </Radio.Group>
  );
}
