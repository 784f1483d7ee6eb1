import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { INDEXES, type IndexDefinition, KEY, TTL_ATTRIBUTE } from "../../shared/store/table-definition.ts";
import { named } from "../constructs/names.ts";
import { SluiceStack } from "./sluice-stack.ts";

const text = (name: string) => ({ name, type: AttributeType.STRING });

const index = ({ name, partition, sort, include }: IndexDefinition): GlobalSecondaryIndexPropsV2 => ({
  indexName: name,
  partitionKey: text(partition),
  sortKey: text(sort),
  ...(include.length > 0
    ? { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...include] }
    : { projectionType: ProjectionType.KEYS_ONLY }),
});

/** The table. It is retained when the stack is deleted. */
export class DataStack extends SluiceStack {
  readonly table: TableV2;

  constructor(scope: Construct) {
    super(scope, "sluice-data", {
      description: "Sluice: the table of flows, runs and steps",
      terminationProtection: true,
    });
    this.table = new TableV2(this, "table", {
      tableName: named(this, "sluice"),
      partitionKey: text(KEY.partition),
      sortKey: text(KEY.sort),
      globalSecondaryIndexes: Object.values(INDEXES).map(index),
      timeToLiveAttribute: TTL_ATTRIBUTE,
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
