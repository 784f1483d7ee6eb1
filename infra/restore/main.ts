/** `npm run restore`: copies a restored table back and reconciles running executions with it, see docs/operate/restore.md. */
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import { copyTable } from "./copy-table.ts";
import { rejoin } from "./rejoin.ts";

const USAGE = `Usage: npm run restore -- copy --from TABLE [--only PARTITION] [--missing] [--dry-run]
       npm run restore -- rejoin [--dry-run]
       Both take --instance NAME, if the deployment has one.`;

const fail = (message: string): never => {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
};

const options = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        from: { type: "string" },
        instance: { type: "string", default: DEFAULT_INSTANCE },
        only: { type: "string" },
        missing: { type: "boolean" },
        "dry-run": { type: "boolean" },
      },
    });
  } catch (error) {
    return fail(String(error));
  }
};

const { positionals, values } = options();
const { from, instance, only, missing, "dry-run": dryRun } = values;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

switch (positionals.join(" ")) {
  case "copy": {
    if (from === undefined || from === instance) fail("--from must name the restored table");
    else {
      const { put, deleted, unchanged } = await copyTable(new DynamoDBClient({}), {
        from,
        to: instance,
        only,
        missing,
        dryRun,
      });
      say(`${put} put, ${deleted} deleted, ${unchanged} unchanged`);
    }
    break;
  }
  case "rejoin": {
    const deps = {
      dynamodb: new DynamoDBClient({}),
      states: new SFNClient({}),
      lambda: new LambdaClient({}),
      say,
    };
    const { executions, calls, unknown } = await rejoin(deps, { table: instance, instance, dryRun });
    say(`${executions} executions, ${calls} calls repeated, ${unknown} executions of unknown runs`);
    break;
  }
  default:
    fail("Name a command: copy or rejoin");
}
