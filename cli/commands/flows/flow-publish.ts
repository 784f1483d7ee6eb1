import { type Command, Option } from "commander";
import { ApiError } from "../../../shared/client/api-error.ts";
import type { OnFailure } from "../../../shared/model/holds/kinds.ts";
import { CliFailure, failureFrom } from "../../failure.ts";
import { setOption } from "../../options/set-option.ts";
import type { TemplateSource } from "../../publish/source.ts";
import type { whatToPublish } from "../../publish/what-to-publish.ts";
import { visible } from "../../terminal/style.ts";
import { leaf, perform } from "../command.ts";
import { onFailureOption } from "./flow-settings.ts";

interface PublishOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly template?: string;
  readonly resource?: string;
  readonly machineType?: "STANDARD";
  readonly draft?: boolean;
  readonly runAs?: "user" | "system";
  readonly onFailure?: OnFailure;
  readonly name?: string;
  readonly description?: string;
}

export const addPublish = (flows: Command): void => {
  leaf(
    flows,
    "publish [flowId] [file]",
    "Publish a version of a flow from its file in Amazon States Language, JSON or YAML; - reads stdin. Without a flow id, the name of the file is the id: order-approval.asl.yaml",
    "sluice flows publish order-approval order-approval.asl.json",
    "sluice flows publish order-approval.asl.yaml --set ChargeFunction=arn:aws:lambda:eu-west-1:123456789012:function:charge",
    "sluice flows publish order-approval --template template.yaml --resource OrderApproval --set ChargeFunction=charge",
    "sluice flows publish order-approval order-approval.asl.json --draft --name 'Order approval'",
  )
    .addOption(setOption())
    .option(
      "--template <file>",
      "SAM, CDK or CloudFormation template that has the state machine; with a file, only its DefinitionSubstitutions are used",
    )
    .option("--resource <LogicalId>", "state machine of the template, if it has several")
    .addOption(
      new Option(
        "--machine-type <type>",
        "publish an EXPRESS state machine of a template as this type",
      ).choices(["STANDARD"]),
    )
    .option("--draft", "publish without activating; new runs keep using the active version")
    .addOption(
      new Option("--run-as <who>", "whose permissions the steps are checked against").choices([
        "user",
        "system",
      ]),
    )
    .addOption(onFailureOption())
    .option("--name <name>", "name of the flow")
    .option("--description <text>", "description of the flow")
    .action(
      perform<PublishOptions, [string?, string?]>(async ({ api, terminal }, options, first, second) => {
        const {
          draft,
          runAs,
          onFailure,
          name,
          description,
          set = {},
          template,
          resource,
          machineType,
        } = options;
        const publication = await loadPublication({
          ...{ first, second, template, resource, set, asStandard: machineType === "STANDARD" },
        });
        const { flowId, definition, substitutions } = publication;
        const body = {
          ...{ definition: definition.text, substitutions: { ...substitutions } },
          ...{ runAs, onFailure, name, description, activate: draft !== true },
        };
        const published = await api()
          .publishFlow({ flowId, body })
          .catch((error: unknown) => {
            throw placedRefusal(error, publication);
          });
        const { flow, version, warnings } = published;
        for (const warning of warnings) terminal.say(`warning: ${visible(warning)}`);
        terminal.result(published, () =>
          flow.version === version
            ? `Published version ${version} of flow ${flowId}. It is active.`
            : `Published version ${version} of flow ${flowId} as a draft. To activate it: sluice flows activate ${flowId} ${version}`,
        );
      }),
    );
};

/** Only this command needs a YAML parser. */
const loadPublication = async (args: Parameters<typeof whatToPublish>[0]): ReturnType<typeof whatToPublish> =>
  (await import("../../publish/what-to-publish.ts")).whatToPublish(args);

/** Adds the errors' positions in the user's file to the service's refusal, and how to fill placeholders without a value. */
const placedRefusal = (error: unknown, { definition, unknown }: TemplateSource): unknown => {
  if (!(error instanceof ApiError) || error.code !== "invalid_definition") return error;
  const { exitCode, document } = failureFrom(error);
  const errors = (error.problem.errors ?? []).map(({ path, message, line, column }) => {
    if (line === undefined || column === undefined) return { path, message };
    const place = definition.place?.({ line, column }) ?? { line, column };
    return { path, message, file: definition.file, ...place };
  });
  const set = (error.problem.unfilled ?? []).map((name) => {
    const meaning = unknown.get(name);
    return { name, ...(meaning === undefined ? {} : { meaning }) };
  });
  const detail = `${definition.file} was not published.`;
  return new CliFailure(
    exitCode,
    { ...document, detail, errors, ...(set.length === 0 ? {} : { set }) },
    error,
  );
};
