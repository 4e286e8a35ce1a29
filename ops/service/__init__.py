"""The running service: tasks, traffic, alarms, logs, database, shell."""
