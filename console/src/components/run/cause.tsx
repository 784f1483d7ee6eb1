import { Anchor, Box, Code, Skeleton, Stack, Text } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
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
      {cause !== message && cause !== "" && <WholeCause cause={cause} />}
    </Stack>
  );
}

const JsonView = lazy(() => import("../../json/json-view.tsx").then((all) => ({ default: all.JsonView })));

/** A cause that is JSON folds and can be searched. */
function WholeCause({ cause }: { cause: string }) {
  const value = jsonIn(cause);
  if (value === undefined) return <Block label="Whole cause" text={cause} />;
  return (
    <Block label="Whole cause">
      <Box w="100%">
        <Suspense fallback={<Skeleton height={80} />}>
          <JsonView label="Whole cause" value={value} />
        </Suspense>
      </Box>
    </Block>
  );
}

/** The object or array that the text is; undefined for anything else. */
const jsonIn = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};

/** A text, or something else, that opens on request. */
function Block(props: { label: string; isOpen?: boolean } & ({ text: string } | { children: ReactNode })) {
  const { label, isOpen = false } = props;
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
      {shown && "children" in props && props.children}
      {shown && "text" in props && (
        <Code
          block
          w="100%"
          mah={240}
          tabIndex={0}
          role="group"
          aria-label={label}
          style={{ overflow: "auto" }}
        >
          {props.text}
        </Code>
      )}
    </>
  );
}
