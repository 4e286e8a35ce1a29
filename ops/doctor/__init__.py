"""Diagnosis of the operations guide's five troubles: evidence is collected, the likely cause is named, and its mend."""
