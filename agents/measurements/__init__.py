"""What strategies and agents are worth with a given model: measured case by case, kept in files, shown as tables."""
