import { Text, Tooltip } from "@mantine/core";

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A time in the viewer's zone, with the UTC time on hover and focus. */
export function Time({ at }: { at: string | undefined }) {
  if (at === undefined)
    return (
      <Text span c="dimmed">
        –
      </Text>
    );
  return (
    <Tooltip
      label={`${at.slice(0, 19).replace("T", " ")} UTC`}
      withArrow
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at} className="time">
        {LOCAL.format(new Date(at))}
      </time>
    </Tooltip>
  );
}
