"""The shapes that cross the wire. The web's client is generated from them; nothing here does I/O."""
