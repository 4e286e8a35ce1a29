-- Denied calls, last 7 days
-- Who was refused what: a permission that is missing, or a caller who tries what it can reach. Newest first.
SELECT
  COALESCE(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.principalId) AS caller,
  eventSource,
  eventName,
  COUNT(*) AS calls,
  MAX(eventTime) AS last_call,
  MAX_BY(sourceIPAddress, eventTime) AS last_address,
  MAX_BY(errorMessage, eventTime) AS last_message
FROM cloudtrail_logs
WHERE day >= date_format(current_date - INTERVAL '7' DAY, '%Y/%m/%d')
  -- The second is EC2's, the third SNS's.
  AND (
    errorCode LIKE 'AccessDenied%' OR errorCode = 'Client.UnauthorizedOperation' OR errorCode LIKE 'AuthorizationError%'
  )
GROUP BY
  COALESCE(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.principalId),
  eventSource,
  eventName
ORDER BY last_call DESC
LIMIT 200;
