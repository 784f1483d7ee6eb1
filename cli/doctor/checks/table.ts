import { DescribeContinuousBackupsCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { INDEXES } from "../../../shared/store/table-definition.ts";
import { absentOn, unknownOperation } from "../aws.ts";
import { type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, unchecked, warning } from "../finding.ts";

/** The table with its indexes, its stream, and what protects it. */
export const checkTable = async (deployment: Deployment): Promise<Found[]> => {
  const { dynamodb } = deployment.aws;
  const TableName = nameIn(deployment, "sluice");
  const described = await dynamodb
    .send(new DescribeTableCommand({ TableName }))
    .catch(absentOn("ResourceNotFoundException"));
  const restore = "Restore it: docs/operate/restore.md";
  if (described === undefined) return [problem(`The table ${TableName} is missing`, restore)];
  const { Table } = described;
  const active = (Table?.GlobalSecondaryIndexes ?? [])
    .filter(({ IndexStatus }) => IndexStatus === undefined || IndexStatus === "ACTIVE")
    .map(({ IndexName }) => IndexName);
  const missing = Object.values(INDEXES).filter(({ name }) => !active.includes(name));
  const found: Found[] = missing.map(({ name }) =>
    problem(`The table's index ${name} is missing or not active`, "Deploy the stack of the table again"),
  );
  if (Table?.TableStatus !== "ACTIVE") found.push(problem(`The table is ${Table?.TableStatus}`, restore));
  if (!deployment.isLocal && Table?.StreamSpecification?.StreamEnabled !== true)
    found.push(problem("The table's stream is off, so no events are published", "Deploy sluice-data again"));
  if (!deployment.isLocal && Table?.DeletionProtectionEnabled !== true)
    found.push(warning("The table has no deletion protection", "Deploy sluice-data again"));
  if (found.length === 0) found.push(ok(`The table ${TableName} and its indexes are active`));
  return [...found, await backups(deployment, TableName)];
};

const backups = async ({ aws, isLocal }: Deployment, TableName: string): Promise<Found> => {
  if (isLocal) return unchecked("the local table has no backups");
  try {
    const { ContinuousBackupsDescription: backup } = await aws.dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    const status = backup?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    return status === "ENABLED"
      ? ok("Point-in-time recovery is on")
      : warning("Point-in-time recovery is off", "Deploy sluice-data again, or switch it on");
  } catch (error) {
    if (unknownOperation(error)) return unchecked("the table's service has no backups");
    throw error;
  }
};
