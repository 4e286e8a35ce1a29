// Gives V8 what earlier runs of the CDK's command have compiled; `node --require` loads it before the command.
//
// The command is one file of 16 MB, unchanged. NODE_COMPILE_CACHE keeps what is compiled when a file is loaded; what is
// compiled when it is first called, which is most of it, each run would compile again, for 0.25 seconds of processor time.
"use strict";

const { existsSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");
const vm = require("node:vm");

const COMMAND = join("aws-cdk", "lib", "index.js");
const FOLDER = process.env.NODE_COMPILE_CACHE;
const compile = Module.prototype._compile;

Module.prototype._compile = function (content, file, ...others) {
  if (!FOLDER || !file.endsWith(COMMAND)) {
    return compile.call(this, content, file, ...others);
  }
  const { size, mtimeMs } = statSync(file);
  const cache = join(FOLDER, `cdk-${process.version}-${size}-${Math.round(mtimeMs)}.bin`);
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
  const script = new vm.Script(Module.wrap(content), {
    filename: file,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (!cachedData || script.cachedDataRejected) {
    process.once("exit", () => keep(script, cache));
  }
  const require = Module.createRequire(file);
  return script.runInThisContext().call(this.exports, this.exports, require, this, file, dirname(file));
};

function keep(script, cache) {
  try {
    const partial = `${cache}.${process.pid}`;
    writeFileSync(partial, script.createCachedData());
    renameSync(partial, cache);
  } catch {
    // Without it the next run compiles again.
  }
}
