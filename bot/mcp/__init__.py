"""The bot for other assistants, by the Model Context Protocol: tools that only read."""
