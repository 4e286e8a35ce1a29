-- Permissions used in the last 30 days
SELECT 
  eventName,
  COUNT(*) as usage_count
FROM cloudtrail_logs 
WHERE eventTime >= date_add('day', -30, current_date)
  AND userIdentity.sessionContext.sessionIssuer.userName = 'HannibalCICDRole-Dev'
GROUP BY eventName
ORDER BY usage_count DESC;
