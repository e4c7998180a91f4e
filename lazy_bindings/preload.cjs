"use strict";
// Runs in jsii's Node process before its own code. `lib/index.js` of the AWS bindings requires 2,135 files, of which a
// synth needs about 60: here each of those requires waits until its name is first read.
// NODE_OPTIONS reaches every Node process of the tree, so without jsii's own variable this file does nothing.
const fs = require("node:fs");
const Module = require("node:module");

const INDEX = /[\\/]@cdkt[fn][\\/]provider-aws[\\/](?:[^\\/]+[\\/][^\\/]+[\\/])?lib[\\/]index\.js$/;
// Every statement that index.js may consist of; the last one is the export that is made lazy. The fork's index.js begins
// with TypeScript's helpers and exports through one of them, which returns such a module as it is.
const STATEMENT = new RegExp(
  [
    String.raw`"use strict";`,
    String.raw`/\*[^]*?\*/`,
    String.raw`//.*`,
    String.raw`Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);`,
    String.raw`(?:exports\.\w+ = )+void 0;`,
    String.raw`var __\w+ = [^]*?\n\}\)+(?:\(\))?;`,
    String.raw`exports\.(\w+) = (?:__importStar\()?require\("(\./[\w/-]+)"\)\)?;`,
  ].join("|"),
  "g",
);

function readExports(filename) {
  const found = [];
  const rest = fs.readFileSync(filename, "utf8").replace(STATEMENT, (_statement, name, file) => {
    if (name) found.push([name, file]);
    return "";
  });
  return rest.trim() === "" && found.length > 0 ? found : undefined;
}

function makeIndexLazy() {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function loadLazily(module, filename) {
    if (!INDEX.test(filename)) return load(module, filename);
    const found = readExports(filename);
    if (!found) {
      process.stderr.write(
        `lazy_bindings: ${filename} is not as expected (only lines like exports.vpc = require("./vpc")); ` +
          "Node loads every resource type, so synth is slower and takes more memory; the output is the same\n",
      );
      return load(module, filename);
    }
    Object.defineProperty(module.exports, "__esModule", { value: true });
    for (const [name, file] of found) {
      const get = () => module.require(file);
      Object.defineProperty(module.exports, name, { configurable: true, enumerable: true, get });
    }
  };
}

if (process.env.JSII_AGENT) {
  // jsii prints a banner of ten lines on a Node release past its end of life unless this names the release.
  process.env.JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION ??= process.versions.node.split(".")[0];
  makeIndexLazy();
  require("./addresses.cjs").install();
}
