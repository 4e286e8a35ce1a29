"""What runs for a month: egress, cluster, load balancer, service, releases, alarms and dashboard."""
