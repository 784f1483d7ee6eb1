import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ResumeRehearsal } from "../../../shared/model/schemas/run.ts";
import { type ResumeBody, rehearsalQuery } from "../api/runs.ts";
import { JsonView } from "../json/json-view.tsx";

/** On request, says what the resume would call next, and with which data, or why it would fail at once. */
export function Rehearsal(props: { workspace: string; runId: string; body: ResumeBody; disabled: boolean }) {
  const { workspace, runId, body, disabled } = props;
  const [asked, setAsked] = useState<string>();
  const request = JSON.stringify(body);
  // An answer belongs to its request: a change of the form hides it.
  const isAsked = asked === request;
  const answer = useQuery({ ...rehearsalQuery(workspace, runId, body), enabled: isAsked });
  return (
    <Stack gap="xs" component="section" aria-label="What would be called next" mt="md">
      <Button
        variant="default"
        leftSection={<IconEye size={16} aria-hidden />}
        disabled={disabled}
        loading={isAsked && answer.isFetching}
        onClick={() => setAsked(request)}
      >
        Show what would be called next
      </Button>
      {isAsked && answer.isError && (
        <Alert color="red" title="The run would not continue">
          <Text size="sm" className="any-break">
            {answer.error.message}
          </Text>
        </Alert>
      )}
      {isAsked && answer.data !== undefined && <Answer rehearsal={answer.data} />}
      <Text size="xs" c="dimmed">
        This calls and changes nothing.
      </Text>
    </Stack>
  );
}

function Answer({ rehearsal: { passes, next, output, unknown } }: { rehearsal: ResumeRehearsal }) {
  return (
    <>
      {passes.length > 0 && <Text size="sm">{`First through ${passes.join(", ")}.`}</Text>}
      {next !== undefined && (
        <>
          <Title order={3} size="h6">{`“${next.state}” (${next.type})`}</Title>
          {next.resource !== undefined && (
            <Text size="xs" ff="monospace" className="any-break">
              {next.resource}
            </Text>
          )}
          <JsonView
            label={next.items === undefined ? "Data of the next call" : "Items of the next state"}
            value={next.items ?? next.arguments ?? next.input}
          />
        </>
      )}
      {output !== undefined && (
        <>
          <Title order={3} size="h6">
            The run would end, with this output
          </Title>
          <JsonView label="Output of the run" value={output} />
        </>
      )}
      {unknown !== undefined && <Text size="sm">{unknown}</Text>}
    </>
  );
}
