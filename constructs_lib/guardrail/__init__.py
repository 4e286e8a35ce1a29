"""What watches the bill, and the topic by which everything tells people."""
