/** Evaluates expressions with GitHub's own library: one JSON request a line on stdin, one JSON answer a line on stdout. */

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
  return new Evaluator(tree, contexts, functions).evaluate();
}

function template(text, contexts, functions) {
  const whole = text.match(new RegExp(`^${EMBEDDED}$`));
  if (whole) return toJson(evaluate(whole[1], contexts, functions));
  return text.replace(new RegExp(EMBEDDED, "g"), (_, each) => evaluate(each, contexts, functions).coerceString());
}

/** A condition that asks for no status is one on success too. */
function condition(text, contexts, functions) {
  const expression = text.trim().match(new RegExp(`^${EMBEDDED}$`))?.[1] ?? text;
  const { tokens } = new Lexer(expression).lex();
  const asks = tokens.some(
    ({ type, lexeme }, at) =>
      type === TokenType.IDENTIFIER &&
      STATUS.includes(lexeme.toLowerCase()) &&
      tokens[at + 1].type === TokenType.LEFT_PAREN,
  );
  return truthy(evaluate(asks ? expression : `success() && (${expression})`, contexts, functions));
}

function functionsOf(status) {
  const functions = new Map();
  for (const [name, value] of Object.entries(status ?? {})) {
    functions.set(name, { name, minArgs: 0, maxArgs: 0, call: () => toData(value) });
  }
  // It names caches, and there is none here.
  functions.set("hashfiles", { name: "hashFiles", minArgs: 1, maxArgs: 255, call: () => toData("hash") });
  return functions;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { text, contexts, status } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (status ? condition : template)(text, toData(contexts), functionsOf(status)) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
