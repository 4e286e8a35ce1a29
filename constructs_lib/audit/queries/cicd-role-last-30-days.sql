-- 過去30日間の権限使用状況
SELECT 
  eventName,
  COUNT(*) as usage_count
FROM cloudtrail_logs 
WHERE eventTime >= date_add('day', -30, current_date)
  AND userIdentity.sessionContext.sessionIssuer.userName = 'HannibalCICDRole-Dev'
GROUP BY eventName
ORDER BY usage_count DESC;
