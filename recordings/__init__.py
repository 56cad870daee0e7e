"""Spool → check → stereo Opus + peaks → folder or S3 → row → spool freed. See docs/decisions/0004."""
