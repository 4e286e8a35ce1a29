"""The documents, held to what they say: their commands run, and what they name exists."""
