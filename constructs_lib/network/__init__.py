"""The VPC and the security groups of load balancer, service and database."""
