"""Budgets, cost alerts, and the topic that notifies people."""
