"""What is used of the emulator's Secrets Manager, under a plain name."""

from ministack.services import secretsmanager

secrets = secretsmanager._secrets
