"""CloudFormation's checks before a stack operation changes anything (early validation)."""
