"""What CloudFormation looks at before a stack operation changes anything (early validation)."""
