import {
  Alert,
  Button,
  Checkbox,
  Grid,
  Group,
  List,
  Modal,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useDeferredValue, useMemo, useRef, useState } from "react";
import { ApiError } from "../../../../shared/client/api-error.ts";
import type { ResultOf } from "../../../../shared/client/operations.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { api } from "../../api/client.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { useUnsaved } from "../../components/unsaved.ts";
import { LazyFlowGraph } from "../../graph/lazy-flow-graph.tsx";
import { PlaceholderFields, type Substitutions, sketch } from "./placeholder-fields.tsx";

const DefinitionEditor = lazy(() => import("../../editor/definition-editor.tsx"));
const HEIGHT = 440;

type Published = ResultOf<"publishFlow">;

export interface PublishDialogProps {
  readonly workspace: string;
  /** Undefined for a new flow, whose id the dialog asks for. */
  readonly flowId?: string;
  /** The definition to start from. */
  readonly definition: unknown;
  /** Its text, if it was published as one, and the values of the text's placeholders. */
  readonly source?: string | undefined;
  readonly substitutions?: Substitutions | undefined;
  readonly runAs: Flow["runAs"];
  readonly onClose: () => void;
}

/**
 * An editor for the next version, in JSON or YAML: the graph follows the text, errors of the service are marked at their lines,
 * and placeholders get a field for their value.
 */
export default function PublishDialog(props: PublishDialogProps) {
  const { workspace, definition, runAs, onClose } = props;
  const [newId, setNewId] = useState("");
  const flowId = props.flowId ?? newId;
  const [initial] = useState(() => props.source ?? JSON.stringify(definition, null, 2));
  const [values, setValues] = useState<Substitutions>(props.substitutions ?? {});
  const [text, setText] = useState(initial);
  const [isDraft, setIsDraft] = useState(false);
  const [runsAs, setRunsAs] = useState(runAs);
  const publish = usePublish(workspace, flowId, (published) => {
    if (published.warnings.length === 0) onClose();
  });
  const shown = useDeferredValue(text);
  const drawn = useLastValid(shown, values);
  const errors = publish.error instanceof ApiError ? publish.error.problem.errors : undefined;
  const problems = useMemo(
    () =>
      (errors ?? []).flatMap(({ line, column, message }) =>
        line === undefined || column === undefined ? [] : [{ line, column, message }],
      ),
    [errors],
  );
  const { guard, watch } = useUnsaved();
  const unfilled = publish.error instanceof ApiError ? publish.error.problem.unfilled : undefined;
  return (
    <Modal
      opened
      onClose={onClose}
      title={props.flowId === undefined ? "New flow" : `Publish a new version of ${flowId}`}
      size="90%"
      {...guard}
    >
      <Stack {...watch}>
        {props.flowId === undefined && (
          <TextInput
            label="Flow ID"
            description="Lower-case letters, digits and hyphens. It cannot be changed later."
            value={newId}
            maxLength={40}
            onChange={(event) => setNewId(event.currentTarget.value)}
          />
        )}
        <Grid>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Suspense fallback={<Skeleton height={HEIGHT} />}>
              <DefinitionEditor
                label="Definition"
                initial={initial}
                onChange={setText}
                problems={problems}
                height={HEIGHT}
              />
            </Suspense>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <LazyFlowGraph definition={drawn} height={HEIGHT} />
          </Grid.Col>
        </Grid>
        {errors !== undefined && errors.length > 0 && (
          <Alert color="red" title="The flow was not published">
            <List size="sm">
              {errors.map(({ path, message, line }) => (
                <List.Item key={`${path} ${message}`}>
                  <Text span ff="monospace" size="sm">
                    {path}
                  </Text>
                  {line === undefined ? "" : ` line ${line}:`}
                  {` ${message}`}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        <PlaceholderFields
          names={[...new Set([...Object.keys(values), ...(unfilled ?? [])])]}
          values={values}
          onChange={setValues}
        />
        {publish.data !== undefined && publish.data.warnings.length > 0 && (
          <Alert color="yellow" title={`Version ${publish.data.version} published with warnings`}>
            <List size="sm">
              {publish.data.warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Group justify="space-between" align="end">
          <Group align="end">
            <NativeSelect
              label="Runs as"
              data={[
                { value: "user", label: "The user who starts it" },
                { value: "system", label: "System" },
              ]}
              value={runsAs}
              onChange={(event) => setRunsAs(event.currentTarget.value === "system" ? "system" : "user")}
            />
            <Checkbox
              label="Publish as a draft; new runs keep using the active version"
              checked={isDraft}
              onChange={(event) => setIsDraft(event.currentTarget.checked)}
            />
          </Group>
          <Group>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button
              loading={publish.isPending}
              disabled={!/^[a-z0-9][a-z0-9-]*$/.test(flowId)}
              onClick={() => publish.mutate({ text, values, runAs: runsAs, activate: !isDraft })}
            >
              {isDraft ? "Publish draft" : "Publish"}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The definition of the last text that could be read. */
const useLastValid = (text: string, values: Substitutions): unknown => {
  const last = useRef<unknown>({});
  return useMemo(() => {
    try {
      last.current = sketch(text, values);
    } catch {
      // The text is being written.
    }
    return last.current;
  }, [text, values]);
};

const usePublish = (workspace: string, flowId: string, onPublished: (published: Published) => void) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({
      text,
      values,
      ...options
    }: {
      text: string;
      values: Substitutions;
      runAs: Flow["runAs"];
      activate: boolean;
    }) =>
      api.publishFlow({
        ...{ workspace, flowId },
        body: { definition: text, substitutions: { ...values }, ...options },
      }),
    onSuccess: (published) => {
      succeeded(`Version ${published.version} published`);
      queries.invalidateQueries({ queryKey: [workspace, "flow", flowId] });
      queries.invalidateQueries({ queryKey: [workspace, "flows"] });
      onPublished(published);
    },
    onError: (error) => {
      if (!(error instanceof ApiError && error.problem.errors !== undefined))
        failed("Failed to publish", error);
    },
  });
};
