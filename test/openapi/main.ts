/** Checks the API's description: `npm run openapi`. */
import { openApiDocument } from "../../shared/model/api/openapi.ts";
import { lintDocument, unreadableParts } from "./lint.ts";

const document = openApiDocument();
const problems = [...(await lintDocument(document)), ...unreadableParts(document)];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
