import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ListedStep, type StepAttempt, stepLogsQuery } from "../../../api/steps.ts";
import { counted, durationText } from "../../../components/format.ts";
import { Unloaded } from "../../../components/states.tsx";
import { CopyIcon } from "../../../json/copy-icon.tsx";

/** The output of a step's function, by attempt. It is read at once if the step failed, and otherwise on request. */
export function StepLog({ workspace, runId, step }: { workspace: string; runId: string; step: ListedStep }) {
  const [wanted, setWanted] = useState(step.status === "failed");
  const logs = useQuery({ ...stepLogsQuery(workspace, runId, step), enabled: wanted });
  if (step.type !== "Task" || step.question !== undefined) return null;
  return (
    <Stack gap={4} component="section" aria-label="Log">
      <Group gap={6}>
        <Text size="xs" fw={600}>
          Log
        </Text>
        {logs.data !== undefined && logs.data.attempts.length > 1 && (
          <Text size="xs" c="dimmed">
            {counted(logs.data.attempts.length, "attempt")}
          </Text>
        )}
      </Group>
      {!wanted ? (
        <Group>
          <Button size="xs" variant="default" onClick={() => setWanted(true)}>
            Show log
          </Button>
        </Group>
      ) : logs.data === undefined ? (
        <Unloaded query={logs} height={40} label="Loading the log" />
      ) : logs.data.attempts.length === 0 ? (
        <Text size="sm" c="dimmed">
          No call is recorded.
        </Text>
      ) : (
        logs.data.attempts.map((attempt) => (
          <Attempt key={attempt.attempt} {...{ attempt }} isOnly={logs.data.attempts.length === 1} />
        ))
      )}
    </Stack>
  );
}

function Attempt({ attempt, isOnly }: { attempt: StepAttempt; isOnly: boolean }) {
  const { lines, isCut, note, error, requestId, startedAt, endedAt } = attempt;
  const length =
    endedAt === undefined ? "in progress" : durationText(Date.parse(endedAt) - Date.parse(startedAt));
  const text = lines.map((line) => `${line.at.slice(11, 23)}  ${line.text}`).join("\n");
  return (
    <Stack gap={4}>
      {!isOnly && (
        <Text size="sm" className="any-break">
          {[`Attempt ${attempt.attempt}`, error?.error, length].filter(Boolean).join(" · ")}
        </Text>
      )}
      {isCut && (
        <Text size="xs" c="dimmed">
          Only the end of the output is kept.
        </Text>
      )}
      {lines.length > 0 ? (
        <div style={{ position: "relative" }}>
          <Code
            block
            mah={260}
            tabIndex={0}
            role="group"
            aria-label={isOnly ? "Output of the function" : `Output of attempt ${attempt.attempt}`}
            style={{ overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
          >
            {text}
          </Code>
          <div style={{ position: "absolute", insetBlockStart: 4, insetInlineEnd: 4 }}>
            <CopyIcon what="Copy log" text={() => text} />
          </div>
        </div>
      ) : note === undefined ? (
        <Text size="sm" c="dimmed">
          {attempt.function === undefined ? "No function was called." : "The function printed nothing."}
        </Text>
      ) : (
        <Alert color="gray" p="xs">
          {note}
        </Alert>
      )}
      {requestId !== undefined && (
        <Text size="xs" c="dimmed" className="any-break">
          {`Request ${requestId}`}
        </Text>
      )}
    </Stack>
  );
}
