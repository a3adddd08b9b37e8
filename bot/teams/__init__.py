"""The bot in Microsoft Teams: what of it is Teams' own."""
