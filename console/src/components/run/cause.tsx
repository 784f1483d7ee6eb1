import { Anchor, Code, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { messageOf } from "../../../../shared/model/cause.ts";

interface ErrorWithCause {
  readonly cause?: string | undefined;
  readonly message?: string | undefined;
  readonly frames?: readonly string[] | undefined;
}

/** Shows an error's message, its stack trace line by line, and its cause if that says more. */
export function Cause({ error }: { error: ErrorWithCause }) {
  const { cause = "", frames = [] } = error;
  const message = messageOf(error);
  return (
    <Stack gap={6} align="flex-start">
      <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {message || "No cause given."}
      </Text>
      {frames.length > 0 && <Block label="Stack trace" text={frames.join("\n")} isOpen />}
      {cause !== message && cause !== "" && <Block label="Whole cause" text={formatted(cause)} />}
    </Stack>
  );
}

const formatted = (cause: string): string => {
  try {
    return JSON.stringify(JSON.parse(cause), null, 2);
  } catch {
    return cause;
  }
};

/** A text that opens on request. */
function Block({ label, text, isOpen = false }: { label: string; text: string; isOpen?: boolean }) {
  const [shown, setShown] = useState(isOpen);
  return (
    <>
      <Anchor
        component="button"
        type="button"
        size="sm"
        c="inherit"
        underline="always"
        aria-expanded={shown}
        onClick={() => setShown(!shown)}
      >
        {shown ? `Hide ${label.toLowerCase()}` : `Show ${label.toLowerCase()}`}
      </Anchor>
      {shown && (
        <Code
          block
          w="100%"
          mah={240}
          tabIndex={0}
          role="group"
          aria-label={label}
          style={{ overflow: "auto" }}
        >
          {text}
        </Code>
      )}
    </>
  );
}
