// Speaks with @aws-cdk/cloudformation-diff, the engine of `cdk diff`. Reads one request a line from standard input,
// {stack: {base, head}} with two templates each, and answers one line: what the engine says about each resource.
// One process answers many requests: loading the engine's database takes longer than a comparison.
'use strict';

const readline = require('node:readline');
const { fullDiff } = require('@aws-cdk/cloudformation-diff');

const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

// A template that CloudFormation would refuse can fail the comparison, for example a policy without a document.
function compared(pair) {
  try {
    return comparedBoth(pair);
  } catch (error) {
    return { resources: {}, outputs: [], permissionsBroadened: false, rulesAdded: false, failure: String(error) };
  }
}

function comparedBoth({ base, head }) {
  const difference = fullDiff(base, head);
  return {
    resources: mapped(difference.resources.changes, (resource) => ({
      impact: resource.changeImpact,
      properties: mapped(resource.propertyUpdates, (property) => property.changeImpact ?? 'NO_CHANGE'),
      attributes: Object.keys(resource.otherChanges),
    })),
    outputs: Object.keys(difference.outputs.changes),
    permissionsBroadened: difference.iamChanges.permissionsBroadened,
    rulesAdded: difference.securityGroupChanges.rulesAdded,
  };
}

// The engine loads its database at the first comparison. That is half a second, best spent while the caller still reads.
fullDiff(...['a', 'b'].map((QueueName) => ({ Resources: { Warm: { Type: 'AWS::SQS::Queue', Properties: { QueueName } } } })));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(mapped(JSON.parse(line), compared))}\n`);
});
