// Reads a running month with the AWS SDK for JavaScript, whose parsers are stricter than botocore's, and prints JSON.
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeServicesCommand, DescribeTaskSetsCommand, ECSClient } from "@aws-sdk/client-ecs";
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetBucketLifecycleConfigurationCommand, GetBucketPolicyStatusCommand, S3Client } from "@aws-sdk/client-s3";

const [cluster, service, bucket] = process.argv.slice(2);
const ecs = new ECSClient();
const s3 = new S3Client({ forcePathStyle: true });
const services = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
const taskSets = await ecs.send(new DescribeTaskSetsCommand({ cluster, service }));
const balancers = await new ElasticLoadBalancingV2Client().send(new DescribeLoadBalancersCommand({}));
const alarms = await new CloudWatchClient().send(new DescribeAlarmsCommand({}));
const status = await s3.send(new GetBucketPolicyStatusCommand({ Bucket: bucket }));
const lifecycle = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
console.log(JSON.stringify({
  created: services.services[0].createdAt instanceof Date,
  taskSets: taskSets.taskSets.map((one) => one.status),
  zones: balancers.LoadBalancers[0].AvailabilityZones.map((one) => one.ZoneName).sort(),
  alarms: alarms.MetricAlarms.filter((one) => one.AlarmActions.length > 0).length,
  public: status.PolicyStatus.IsPublic,
  days: lifecycle.Rules.map((one) => one.Expiration?.Days).filter(Boolean),
}));
