import { Text } from "@mantine/core";

interface Destination {
  readonly flowVersion: number;
  readonly state: string;
}

/** Says where a run continues or begins, and which tasks may be called a second time. */
export function CallsAgain(props: { readonly to: Destination; readonly callsAgain: readonly string[] }) {
  const { to, callsAgain } = props;
  const again =
    callsAgain.length === 0
      ? "Nothing is called a second time."
      : `May be called a second time: ${callsAgain.join(", ")}`;
  return (
    <Text size="xs" c="dimmed">
      {`${to.state === "" ? "At the end" : `From “${to.state}”`} of version ${to.flowVersion}. ${again}`}
    </Text>
  );
}
