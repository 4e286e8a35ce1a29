// Speaks with @aws-cdk/cloudformation-diff, the engine of `cdk diff`. Reads one request a line from standard input,
// {stack: {base, head}} with two templates each, and answers one line: what it says about each resource.
// One process answers many requests: loading its database takes longer than a comparison.
'use strict';

const readline = require('node:readline');
const { fullDiff } = require('@aws-cdk/cloudformation-diff');

const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

// A template that CloudFormation would refuse can fail the comparison, for example a policy without a document.
function compared(pair) {
  try {
    return comparedBoth(pair);
  } catch (error) {
    return { resources: {}, failure: String(error) };
  }
}

// cloudformation-diff compares each statement of a policy with each other one of the template, so that it gets few resources at once.
const AT_ONCE = 20;

function comparedBoth({ base, head }) {
  const before = base.Resources ?? {};
  const after = head.Resources ?? {};
  const ids = Object.keys({ ...before, ...after });
  const chosen = (resources, some) => Object.fromEntries(some.filter((id) => id in resources).map((id) => [id, resources[id]]));
  const resources = {};
  for (let start = 0; start === 0 || start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE);
    const sections = start === 0 ? [base, head] : [{}, {}];
    const difference = fullDiff(
      { ...sections[0], Resources: chosen(before, some) },
      { ...sections[1], Resources: chosen(after, some) },
    );
    Object.assign(resources, mapped(difference.resources.changes, told));
  }
  return { resources };
}

const told = (resource) => ({
  properties: mapped(resource.propertyUpdates, (property) => property.changeImpact ?? 'NO_CHANGE'),
  attributes: Object.keys(resource.otherChanges),
});

// cloudformation-diff loads its database at the first comparison. That is half a second, best spent while the caller still reads.
fullDiff(...['a', 'b'].map((QueueName) => ({ Resources: { Warm: { Type: 'AWS::SQS::Queue', Properties: { QueueName } } } })));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(mapped(JSON.parse(line), compared))}\n`);
});
