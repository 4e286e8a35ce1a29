"""The used parts of the emulator's S3, under plain names (see ``EmulatorFunction``)."""

from ministack.services import s3

from embedded_aws.core.patching import EmulatorFunction, Response

bucket_lifecycles = s3._bucket_lifecycle
bucket_logging = s3._bucket_logging_config
bucket_policies = s3._bucket_policies
bucket_tags = s3._bucket_tags
buckets = s3._buckets
logger = s3.logger
object_locks = s3._bucket_object_lock
NEW_BUCKET_BLOCK: str = s3._NEW_BUCKET_PUBLIC_ACCESS_BLOCK
uploads = s3._multipart_uploads
versioning = s3._bucket_versioning

delete_bucket = EmulatorFunction[Response](s3, "_delete_bucket")
delete_bucket_tags = EmulatorFunction[Response](s3, "_delete_bucket_tagging")
error = EmulatorFunction[Response](s3, "_error")
get_object = EmulatorFunction[Response](s3, "_get_object")
head_object = EmulatorFunction[Response](s3, "_head_object")
list_objects = EmulatorFunction[Response](s3, "_list_objects_v1")
new_bucket_block = EmulatorFunction[dict[str, str]](s3, "_new_bucket_public_access_block")
object_content = EmulatorFunction[bytes | None](s3, "_get_object_data")
policy_is_public = EmulatorFunction[bool](s3, "_policy_is_public")
public_access_blocked = EmulatorFunction[bool](s3, "_public_access_blocked")
put_bucket_tags = EmulatorFunction[Response](s3, "_put_bucket_tagging")
put_bucket_policy = EmulatorFunction[Response](s3, "_put_bucket_policy")
put_object = EmulatorFunction[Response](s3, "_put_object")
