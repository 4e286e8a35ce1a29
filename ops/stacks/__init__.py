"""CloudFormation stacks: state, events, progress, drift, and runs of the CDK."""
