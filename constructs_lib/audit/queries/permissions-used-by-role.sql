-- Permissions used by role, last 30 days
-- What each role called, how often, and how often it was refused. The name of an event is not always the name of a
-- permission (ListObjects is s3:ListBucket), and passing a role leaves no event at all.
SELECT
  userIdentity.sessionContext.sessionIssuer.userName AS role,
  eventSource,
  eventName,
  COUNT(*) AS calls,
  COUNT(*) FILTER (
    WHERE errorCode LIKE 'AccessDenied%'
      OR errorCode = 'Client.UnauthorizedOperation'
      OR errorCode LIKE 'AuthorizationError%'
  ) AS refused,
  MAX(eventTime) AS last_call
FROM cloudtrail_logs
WHERE day >= date_format(current_date - INTERVAL '30' DAY, '%Y/%m/%d')
  AND eventType = 'AwsApiCall'
  AND userIdentity.sessionContext.sessionIssuer.type = 'Role'
GROUP BY userIdentity.sessionContext.sessionIssuer.userName, eventSource, eventName
ORDER BY role, calls DESC;
