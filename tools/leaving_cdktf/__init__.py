"""Proves that the same sources synthesize the same stacks under CDKTF's maintained fork (docs/leaving-cdktf.md)."""
