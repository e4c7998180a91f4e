/** Evaluates expressions with GitHub's own library: one JSON request a line on stdin, one JSON answer a line on stdout. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";

import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { TokenType } from "@actions/expressions/lexer";
import { truthy } from "@actions/expressions/result";

const EMBEDDED = String.raw`\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}`;
const STATUS = ["success", "failure", "cancelled", "always"];

const toData = (value) => JSON.parse(JSON.stringify(value), data.reviver);
const toJson = (value) => JSON.parse(JSON.stringify(value, data.replacer));

function evaluate(expression, contexts, functions) {
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, contexts.pairs().map((pair) => pair.key), [...functions.values()]).parse();
  if (!tree) throw new Error("an expression was expected");
  return new Evaluator(tree, contexts, functions).evaluate();
}

function template(text, contexts, functions) {
  const whole = text.match(new RegExp(`^${EMBEDDED}$`));
  if (whole) return toJson(evaluate(whole[1], contexts, functions));
  const embedded = new RegExp(EMBEDDED, "g");
  if (text.replace(embedded, "").includes("${{")) throw new Error("an expression is not closed");
  return text.replace(embedded, (_, each) => evaluate(each, contexts, functions).coerceString());
}

/** A condition that asks for no status is one on success too. */
function condition(text, contexts, functions) {
  const expression = text.trim().match(new RegExp(`^${EMBEDDED}$`))?.[1] ?? text;
  // GitHub turns such a mixture into a text, and a text is always true.
  if (expression.includes("${{")) throw new Error("a condition is one expression: this one would always hold");
  const { tokens } = new Lexer(expression).lex();
  const asks = tokens.some(
    ({ type, lexeme }, at) =>
      type === TokenType.IDENTIFIER &&
      STATUS.includes(lexeme.toLowerCase()) &&
      tokens[at + 1].type === TokenType.LEFT_PAREN,
  );
  return truthy(evaluate(asks ? expression : `success() && (${expression})`, contexts, functions));
}

function matches(pattern, name) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (glob) => ({ "**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" })[glob]);
  return new RegExp(`^${source}(/.*)?$`).test(name);
}

/** What lies under the plain part of a pattern: to look through everything takes seconds where packages are installed. */
function under(workspace, pattern) {
  const start = join(workspace, pattern.slice(0, pattern.search(/[^/]*[*?]|$/)));
  if (!existsSync(start)) return [];
  const names = statSync(start).isFile() ? [""] : readdirSync(start, { recursive: true });
  return names.map((name) => relative(workspace, join(start, name)));
}

/** The hash of the files' hashes. GitHub takes the files in the order it finds them, so its number may differ. */
function hashFiles(workspace, patterns) {
  const unwanted = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  const found = wanted.flatMap((pattern) => under(workspace, pattern).filter((name) => matches(pattern, name)));
  const names = [...new Set(found)]
    .filter((name) => !unwanted.some((pattern) => matches(pattern, name)))
    .filter((name) => statSync(join(workspace, name)).isFile())
    .sort();
  if (names.length === 0) return "";
  const sha256 = (content) => createHash("sha256").update(content).digest();
  return sha256(Buffer.concat(names.map((name) => sha256(readFileSync(join(workspace, name)))))).toString("hex");
}

function functionsOf({ status, workspace }) {
  const functions = new Map();
  for (const [name, value] of Object.entries(status ?? {})) {
    functions.set(name, { name, minArgs: 0, maxArgs: 0, call: () => toData(value) });
  }
  if (workspace) {
    const call = (...patterns) => toData(hashFiles(workspace, patterns.map((each) => each.coerceString())));
    functions.set("hashfiles", { name: "hashFiles", minArgs: 1, maxArgs: 255, call });
  }
  return functions;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    const evaluator = request.status ? condition : template;
    answer = { value: evaluator(request.text, toData(request.contexts), functionsOf(request)) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
