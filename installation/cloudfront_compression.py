"""What CloudFront compresses by itself: publishing pages leaves that to it, and the embedded CloudFront does it.

Source: CloudFront developer guide, "Serve compressed files", file types and sizes. This module knows neither CDK nor
boto3, because both sides import it.
"""

from typing import Final

SMALLEST_BYTES: Final = 1_000
LARGEST_BYTES: Final = 10_000_000

COMPRESSED_TYPES: Final = frozenset(
    {
        "application/dash+xml",
        "application/eot",
        "application/font",
        "application/font-sfnt",
        "application/javascript",
        "application/json",
        "application/opentype",
        "application/otf",
        "application/pdf",
        "application/pkcs7-mime",
        "application/protobuf",
        "application/rss+xml",
        "application/truetype",
        "application/ttf",
        "application/vnd.apple.mpegurl",
        "application/vnd.mapbox-vector-tile",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/x-font-opentype",
        "application/x-font-truetype",
        "application/x-font-ttf",
        "application/x-httpd-cgi",
        "application/x-javascript",
        "application/x-mpegurl",
        "application/x-opentype",
        "application/x-otf",
        "application/x-perl",
        "application/x-ttf",
        "application/xhtml+xml",
        "application/xml",
        "font/eot",
        "font/opentype",
        "font/otf",
        "font/ttf",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/js",
        "text/plain",
        "text/richtext",
        "text/tab-separated-values",
        "text/x-component",
        "text/x-java-source",
        "text/x-script",
        "text/xml",
        "vnd.apple.mpegurl",
    }
)
