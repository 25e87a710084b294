"""The model that works without any key: its file, the process that serves it, and where that process listens."""
