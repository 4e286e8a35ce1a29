"""Diagnosis of the operations guide's five troubles: the evidence, the likely cause, and its remediation."""
