"""Who may do what: roles of people and machines, boundaries, and CloudFormation's own permissions.

What a policy allows is data (`grants`, `tasks`, `boundaries`, `execution_policies`), free of CDK, so that a review
reads it as it is and the operations command can too.
"""
