-- Permissions used in the last 24 hours
SELECT 
  eventName,
  COUNT(*) as count,
  userIdentity.principalId
FROM cloudtrail_logs 
WHERE eventTime >= date_add('hour', -24, current_timestamp)
GROUP BY eventName, userIdentity.principalId
ORDER BY count DESC
LIMIT 20;
