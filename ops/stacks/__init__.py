"""CloudFormation stacks: state, events, progress, drift, and the CDK command line that changes them."""
