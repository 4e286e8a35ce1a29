"""Prepares an account so that its pipeline has no more permissions than its stacks need, and never gets more.

An administrator deploys the stacks of permissions and evidence: two toolkit stacks, IdentityStack, AuditStack; and
creates the other persistent stacks once, because the pipeline may not switch on a stack's termination protection.
CloudFormation is never unrestricted, no template is taken from the account, and the template of each change set
is compared with the local template before it is executed.
"""
