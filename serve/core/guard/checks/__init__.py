"""One detector for each kind of rule.

    table         kind to detector, stream settings
    pattern       RE2 with keywords, context, entropy, allow-lists, checksums
    literals, url, unicode, length, json_schema
    checksum, scan, width     what the detectors share
    port          what a detector is

A detector sees; it never knows actions, stages or modes.
"""
