"""What releases and deliveries leave behind: images, files, logs, the record of the release that runs."""
