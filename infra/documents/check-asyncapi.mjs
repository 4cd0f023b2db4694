// Says what the AsyncAPI parser finds in a document: node check-asyncapi.mjs FILE [PARSED].
// Exit code 1 for an error. PARSED: a file to write the parsed document to, as the viewer takes it.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

// The packages lie where `make docs` put them, not beside this file.
const require = createRequire(join(process.cwd(), "package.json"));
const { Parser, stringify } = require("@asyncapi/parser");

const SEVERITIES = ["error", "warning", "info", "hint"];
const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));
const found = diagnostics.map(({ severity, code, path, message }) => ({
  severity: SEVERITIES[severity],
  code,
  place: path.join("/"),
  message,
}));
if (document !== undefined && process.argv[3]) await writeFile(process.argv[3], stringify(document));
console.log(JSON.stringify(found));
process.exitCode = document === undefined || found.some(({ severity }) => severity === "error") ? 1 : 0;
