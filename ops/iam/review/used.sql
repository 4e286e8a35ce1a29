-- What a role called, counted by everything that decides which permissions that were.
-- Calls of others are counted by day and region only: they say how far the records reach.
WITH sessions AS (
  SELECT
    *,
    -- Where a record leaves the issuer out, the session's name has the role's, without its path.
    COALESCE(
      userIdentity.sessionContext.sessionIssuer.arn,
      CASE WHEN userIdentity.arn LIKE 'arn:%:sts::%:assumed-role/%' THEN
        'arn:' || split_part(userIdentity.arn, ':', 2) || ':iam::' || split_part(userIdentity.arn, ':', 5)
        || ':role/' || split_part(userIdentity.arn, '/', 2)
      END
    ) AS issuer
  FROM cloudtrail_logs
),
events AS (
  SELECT
    issuer,
    COALESCE(regexp_like(issuer, '$role'), FALSE) AS of_role,
    CAST(CAST(eventTime AS date) AS varchar) AS event_day,
    eventTime,
    awsRegion,
    eventType,
    eventSource,
    eventName,
    errorCode,
    managementEvent,
    readOnly,
    requestParameters,
    resources,
    userIdentity,
    sourceIPAddress,
    userAgent,
    vpcEndpointId,
    tlsDetails,
    eventID
  FROM sessions
  WHERE day >= '$first_folder'
    AND eventTime >= TIMESTAMP '$since'
    AND eventTime < TIMESTAMP '$until'
)
SELECT
  issuer,
  of_role,
  event_day,
  awsRegion AS aws_region,
  managementEvent AS management_event,
  readOnly AS read_only,
  CASE WHEN of_role THEN eventType END AS event_type,
  -- Whether there is any event of KMS says whether the trail was told to leave them out.
  CASE WHEN of_role OR eventSource = 'kms.amazonaws.com' THEN eventSource END AS event_source,
  CASE WHEN of_role THEN eventName END AS event_name,
  CASE WHEN of_role THEN errorCode END AS error_code,
  CASE WHEN of_role THEN $parameters END AS parameters,
  -- The key of an object is left out: there are as many as objects.
  CASE WHEN of_role THEN array_join(array_sort(array_distinct(transform(
    resources,
    r -> CASE WHEN r.arn LIKE 'arn:%:s3:::%/%' THEN split_part(r.arn, '/', 1) || '/*' ELSE r.arn END
  ))), ' ') END AS arns,
  CASE WHEN of_role THEN $named END AS named,
  -- What the conditions of the role's policies ask for, and nothing else.
  CASE WHEN of_role THEN $said END AS said,
  -- An event that was delivered twice counts once; files of older versions have no ids.
  COUNT(DISTINCT eventID) + COUNT(CASE WHEN eventID IS NULL THEN 1 END) AS calls,
  CAST(MIN(eventTime) AS varchar) AS first_call,
  CAST(MAX(eventTime) AS varchar) AS last_call
FROM events
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
