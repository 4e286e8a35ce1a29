"""The used parts of the emulator's SNS, under plain names (see ``EmulatorFunction``)."""

from ministack.services import sns

from embedded_aws.core.patching import EmulatorFunction, Response

topics = sns._topics

fan_out = EmulatorFunction[None](sns, "_fanout")
list_subscriptions_by_topic = EmulatorFunction[Response](sns, "_list_subscriptions_by_topic")
subscribe = EmulatorFunction[Response](sns, "_subscribe")
