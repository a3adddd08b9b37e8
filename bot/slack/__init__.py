"""The bot in Slack: events, buttons and commands in, Block Kit out."""
