// Unpacks the browser beside its package: program, libraries that a plain Debian lacks, and a font.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("node_modules/.browser", import.meta.url));
const unfinished = `${folder}.unfinished`;
rmSync(folder, { recursive: true, force: true });
rmSync(unfinished, { recursive: true, force: true });
mkdirSync(unfinished, { recursive: true });
// The package unpacks into the system's folder for temporary files, and its libraries where it believes to be Lambda.
process.env.TMPDIR = unfinished;
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs20.x";
const { default: chromium } = await import("@sparticuz/chromium");
await chromium.executablePath();
// Its own names folders of Lambda. The machine's fonts come first, where it has some.
const folders = ["/usr/share/fonts", `${folder}/fonts`].map((path) => `<dir>${path}</dir>`).join("");
writeFileSync(
  `${unfinished}/fonts.conf`,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">` +
    `<fontconfig>${folders}<cachedir>${folder}/cache</cachedir></fontconfig>\n`,
);
renameSync(unfinished, folder);
