-- Console sign-ins, last 30 days
-- Everybody who signed in, or failed to, and whether with a second factor. Newest first.
SELECT
  eventTime,
  userIdentity.type AS kind,
  COALESCE(userIdentity.userName, userIdentity.arn, userIdentity.principalId) AS who,
  json_extract_scalar(responseElements, '$.ConsoleLogin') AS result,
  json_extract_scalar(additionalEventData, '$.MFAUsed') AS second_factor,
  sourceIPAddress,
  region
FROM cloudtrail_logs
WHERE day >= date_format(current_date - INTERVAL '30' DAY, '%Y/%m/%d')
  AND eventSource = 'signin.amazonaws.com'
  AND eventName = 'ConsoleLogin'
ORDER BY eventTime DESC;
