"""What is used of the emulator's S3, under plain names (see ``EmulatorFunction``)."""

from ministack.services import s3

from embedded_aws.core.patching import EmulatorFunction, Response

bucket_policies = s3._bucket_policies
buckets = s3._buckets
object_locks = s3._bucket_object_lock
versioning = s3._bucket_versioning

delete_bucket = EmulatorFunction[Response](s3, "_delete_bucket")
error = EmulatorFunction[Response](s3, "_error")
get_object = EmulatorFunction[Response](s3, "_get_object")
head_object = EmulatorFunction[Response](s3, "_head_object")
object_content = EmulatorFunction[bytes | None](s3, "_get_object_data")
put_object = EmulatorFunction[Response](s3, "_put_object")
