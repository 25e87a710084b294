"""Where code that a model wrote runs: never in this process."""
