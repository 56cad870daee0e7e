"""Commands: what a person asked of the PBX, carried out once, and ended in exactly one of five ways."""
