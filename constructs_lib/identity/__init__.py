"""Who may do what: roles of people and workflows, boundaries, and CloudFormation's own permissions."""
