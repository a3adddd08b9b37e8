"""What those who look after the bot and its data do: report, teach, replay, pause."""
