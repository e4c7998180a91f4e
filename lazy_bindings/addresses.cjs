"use strict";
// Gives each element of a stack its address in Node, where jsii would ask Python for every one: three messages each.
// What it says is what `BaseStack._allocate_logical_id` (stacks/base.py) says; a stack asks for it by its context.
const Module = require("node:module");
const path = require("node:path");

const STACK = /[\\/]cdkt[fn][\\/](?:[^\\/]+[\\/][^\\/]+[\\/])?lib[\\/]terraform-stack\.js$/;
const CONTEXT = "addresses";
const taken = new WeakMap();

function byPath(stack, element, isResource) {
  const node = element.node ?? element;
  const name = node.path.split("/").slice(1).filter((part) => part !== "Default").join("_");
  const address = isResource ? name.replaceAll("-", "_") : name;
  const type = element.constructor.name;
  if (!taken.has(stack)) taken.set(stack, new Map());
  const paths = taken.get(stack);
  const other = paths.get(`${type} ${address}`) ?? node.path;
  if (other !== node.path) {
    throw new Error(`${node.path} and ${other} would both be ${type} '${address}'; rename one`);
  }
  paths.set(`${type} ${address}`, node.path);
  return address;
}

exports.install = function install() {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function loadStack(module, filename) {
    load(module, filename);
    if (!STACK.test(filename)) return;
    const prototype = module.exports.TerraformStack.prototype;
    const hashed = prototype.allocateLogicalId;
    prototype.allocateLogicalId = function allocateLogicalId(element) {
      if (this.node.tryGetContext(CONTEXT) !== "path") return hashed.call(this, element);
      // Required here: the two files need each other.
      const { TerraformResource } = module.require(path.join(path.dirname(filename), "terraform-resource.js"));
      return byPath(this, element, TerraformResource.isTerraformResource(element));
    };
  };
};
