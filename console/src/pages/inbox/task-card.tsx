import { Button, Group, Paper, Skeleton, Stack, Text, Textarea, Title } from "@mantine/core";
import { IconForms, IconThumbUp } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import type { InboxItem } from "../../../../shared/model/schemas/inbox.ts";
import { type StepAnswer, useAnswer } from "../../api/inbox.ts";
import { useNameOf } from "../../api/people.ts";
import { PageLink } from "../../components/links.tsx";
import { Person } from "../../components/person.tsx";
import { Time } from "../../components/time.tsx";
import { toasts } from "../../components/toasts.ts";
import { CopyIcon } from "../../json/copy-icon.tsx";

const SchemaForm = lazy(() => import("./schema-form.tsx"));

const DONE: Readonly<Record<StepAnswer["decision"], string>> = {
  approved: "Approved",
  rejected: "Rejected",
  submitted: "Form submitted",
};

export function TaskCard({ workspace, item }: { workspace: string; item: InboxItem }) {
  const answer = useAnswer(workspace, item);
  const send = (given: StepAnswer) => answer.mutate(given, toasts(DONE[given.decision], "Failed to answer"));
  const nameOf = useNameOf();
  const Icon = item.kind === "form" ? IconForms : IconThumbUp;
  return (
    <Paper withBorder p="md" component="section" aria-label={item.title} data-step={item.stepId}>
      <Stack gap="sm">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Icon size={22} aria-hidden />
          <Stack gap={2} style={{ minWidth: 0 }}>
            <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
              {item.title}
            </Title>
            <Text size="sm" c="dimmed">
              {item.flowId} · {item.name}
              {item.assignees !== undefined && ` · asked of ${item.assignees.map(nameOf).join(", ")}`} ·
              started by <Person id={item.startedBy} /> · asked <Time at={item.since} /> ·{" "}
              <PageLink
                size="sm"
                c="inherit"
                underline="always"
                to="/$workspace/monitoring/workflow-runs/$runId"
                params={{ workspace, runId: item.runId }}
              >
                Show run
              </PageLink>
            </Text>
          </Stack>
          <CopyIcon
            what="Copy a link to this question"
            text={() => `${location.origin}/${workspace}/inbox?run=${item.runId}`}
          />
        </Group>
        {item.kind === "approval" ? (
          <Approval busy={answer.isPending} onSend={send} />
        ) : (
          <Suspense fallback={<Skeleton height={160} />}>
            <SchemaForm
              schema={item.form ?? { type: "object" }}
              busy={answer.isPending}
              onSubmit={(data) => send({ decision: "submitted", data })}
            />
          </Suspense>
        )}
      </Stack>
    </Paper>
  );
}

function Approval({ busy, onSend }: { busy: boolean; onSend: (answer: StepAnswer) => void }) {
  const [comment, setComment] = useState("");
  const send = (decision: "approved" | "rejected") =>
    onSend({ decision, ...(comment.trim() === "" ? {} : { comment: comment.trim() }) });
  return (
    <Stack gap="sm">
      <Textarea
        label="Comment (optional)"
        value={comment}
        maxLength={10_000}
        autosize
        minRows={1}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Group>
        <Button onClick={() => send("approved")} loading={busy}>
          Approve
        </Button>
        <Button color="red" variant="light" onClick={() => send("rejected")} disabled={busy}>
          Reject
        </Button>
      </Group>
    </Stack>
  );
}
